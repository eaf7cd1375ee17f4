import Glibc

/// Everything about a simulated disk; a value behind the disk's lock.
struct DiskState {
    var files: [String: FileState] = [:]
    /// Names that a power cut forgets, because the directory was not synced since.
    var unsettledNames: Set<String> = []
    var random: SplitMix64
    let capacity: UInt64
    var calls = 0
    /// Rises with each restart: what was opened in an earlier life is of no use.
    var life = 0
    var isDown = false
    var isLocked = false
    var powerCut: Int?
    var failure: (calls: Range<Int>, code: Int32)?
    var writesFail: Int32?
    var mostUsed: UInt64 = 0
    /// What interruptions of the calls so far would have left; nil if nobody asked.
    var images: [DiskState]?

    init(seed: UInt64, capacity: UInt64) {
        random = SplitMix64(seed: seed)
        self.capacity = capacity
    }

    var used: UInt64 { files.values.reduce(0) { $0 + UInt64($1.content.count) } }

    mutating func perform<R: Sendable>(
        life: Int, writes: Bool, _ body: (inout DiskState, Interruption) throws(DiskFault) -> R
    ) throws(DiskFault) -> R {
        guard !isDown, life == self.life else { throw DiskFault(code: EIO) }
        defer { calls += 1 }
        if images != nil {
            var image = self
            image.images = nil
            image.isDown = true
            image.random = SplitMix64(seed: random.next() &+ UInt64(calls))
            _ = try? body(&image, .powerCut)
            images?.append(image)
        }
        if calls == powerCut {
            isDown = true
            _ = try body(&self, .powerCut)
            throw DiskFault(code: EIO)
        }
        if let failure, failure.calls.contains(calls) { return try body(&self, .failure(failure.code)) }
        if writes, let writesFail { return try body(&self, .failure(writesFail)) }
        return try body(&self, .none)
    }

    mutating func restart() {
        for name in unsettledNames.sorted() where random.next() & 1 == 0 { files.removeValue(forKey: name) }
        unsettledNames = []
        for name in files.keys.sorted() { files[name]?.settle(&random) }
        beginLife()
    }

    mutating func beginLife() {
        life += 1
        isDown = false
        isLocked = false
        powerCut = nil
        failure = nil
        writesFail = nil
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same on every machine, so that a seed replays a run.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }
}
