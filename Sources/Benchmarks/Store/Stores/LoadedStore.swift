import Readings
import RingStore

/// A store with readings in it, and what it took to append them.
final class LoadedStore {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What one batch took, syncs, sealing and checkpoints included; making the readings is not.
    struct BatchCost {
        var readings: Int
        var nanoseconds: UInt64
        var processorNanoseconds: UInt64
    }

    let path: String
    let store: RingStore
    let writer: StoreWriter
    private(set) var series: [SeriesRef] = []
    private(set) var readings = 0
    private(set) var costs: [BatchCost] = []
    private var batch = Batch()
    private var filler: SeriesRef?
    private var fillerTime = Int64(1) << 42
    private var random = SeededRandom(seed: 7)

    init(path: String, options: StoreOptions) throws {
        self.path = path
        (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
    }

    /// Numbers of series with these labels, in their order.
    func register(_ labels: [Labels]) throws {
        for labels in labels { series.append(try register(labels)) }
    }

    private func register(_ labels: Labels) throws -> SeriesRef {
        switch writer.register(SeriesDescriptor(labels: labels, unit: nil)) {
        case .series(let ref): return ref
        case .refused(let reason): throw Failure(description: "a series was refused: \(reason)")
        }
    }

    /// Appends all of `set`, made durable every `batchReadings`.
    func load(_ set: some ReadingSet, batchReadings: Int = 10_000) throws {
        try register(set.series)
        try set.forEachRow { time, series, values in
            add(time, series, values)
            if batch.sampleCount >= batchReadings { try append() }
        }
        try append()
    }

    /// Puts a message of one row into the next batch.
    func add(_ time: Int64, _ series: [Int], _ values: [Double]) {
        batch.beginMessage()
        batch.beginRow(at: Timestamp(milliseconds: time))
        for index in series.indices { batch.add(self.series[series[index]], values[index]) }
    }

    var waitingReadings: Int { batch.sampleCount }

    /// Makes what was added durable.
    func append() throws {
        guard !batch.isEmpty else { return }
        let processor = threadNanoseconds()
        let start = monotonicNanoseconds()
        let outcome = try writer.append(batch)
        let took = monotonicNanoseconds() - start
        costs.append(
            BatchCost(
                readings: batch.sampleCount, nanoseconds: took,
                processorNanoseconds: threadNanoseconds() - processor))
        readings += outcome.stored
        batch.removeAll()
    }

    /// What `series` has in all of its time, as plain numbers.
    func values(of series: SeriesRef) throws -> [Double] {
        var values: [Double] = []
        try store.snapshot().scan(series, in: .all) { run in
            for index in run.indices { values.append(run[index].value) }
            return true
        }
        return values
    }

    // MARK: - Sealing

    /// Pushes everything that was loaded out of the head into segments, by random numbers of a series of their own.
    ///
    /// A few late readings may be left in the head, whose turn comes after everything in order, and a value that was
    /// replaced there is not written at all: up to one in a hundred may be missing.
    ///
    /// - Returns: what the loaded readings take on disk, the random numbers left out.
    func sealEverything() throws -> SealedBytes {
        for round in 0..<12 {
            let sealed = try SealedBytes(path: path, leavingOut: filler)
            if sealed.readings >= readings || (round > 4 && sealed.readings > readings / 100 * 99) { return sealed }
            try fill(bytes: Int(sealed.segmentBytes))
        }
        let sealed = try SealedBytes(path: path, leavingOut: filler).readings
        throw Failure(description: "of \(readings) readings that were loaded only \(sealed) came to segments")
    }

    /// Appends random numbers, which no codec makes smaller.
    private func fill(bytes: Int) throws {
        let series = try filler ?? register(["__name__": "filler", "device": "filler", "household": "filler"])
        filler = series
        for _ in 0..<(bytes / 8) {
            batch.beginRow(at: Timestamp(milliseconds: fillerTime))
            batch.add(series, Double(bitPattern: random.next() & ~(1 << 62)))
            fillerTime += 1 + Int64(random.below(1000))
            if batch.rowCount == 4000 { try appendFiller() }
        }
        try appendFiller()
    }

    private func appendFiller() throws {
        guard !batch.isEmpty else { return }
        _ = try writer.append(batch)
        batch.removeAll()
    }
}

extension ClosedRange<Timestamp> {
    static var all: ClosedRange<Timestamp> { Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max) }
}

extension StoreOptions {
    /// What the daemon does without being told otherwise.
    static var standard: StoreOptions { StoreOptions(diskBudget: 512 << 20, memoryBudget: 64 << 20) }
}
