import Readings

/// Rows of random numbers, which no codec makes smaller: what fills a ring soonest.
struct Noise {
    static let devices = 200
    static let columns = 5

    private var random = SeededRandom(seed: 3)
    private var device = 0
    private var time: Int64
    private var values = [Double](repeating: 0, count: Noise.columns)
    private let rows = (0..<Noise.devices).map { Array(($0 * Noise.columns)..<(($0 + 1) * Noise.columns)) }

    init(after time: Int64) {
        self.time = time
    }

    /// Appends `messages` of them as one batch. The store's first series are those that they belong to.
    mutating func append(messages: Int, to store: LoadedStore) throws {
        for _ in 0..<messages {
            time += 1 + Int64(random.below(500))
            for column in values.indices { values[column] = Double(bitPattern: random.next() & ~(1 << 62)) }
            store.add(time, rows[device], values)
            device = (device + 1) % Noise.devices
        }
        try store.append()
    }
}
