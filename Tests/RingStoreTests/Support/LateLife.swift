import Readings
import StorageSimulator
import TestSupport

@testable import RingStore

/// A store that is told what comes late, in the lives of several processes, and all that it told of it in this one.
///
/// Each reading has a value of its own, so that it can be told whether it is what one sees.
struct LateLife {
    let disk: SimulatedDisk
    private let options: StoreOptions
    private let worker: SteppedWorker
    private(set) var store: RingStore
    private(set) var writer: StoreWriter
    private(set) var random: SeededGenerator
    private var series: [SeriesRef] = []
    private var now: Int64 = 1_700_000_000_000
    private var nextValue = 1.0
    /// What was told in this life, after what was there when it began.
    private(set) var noted: [LateSample] = []
    /// How many of these somebody keeps, the first ones.
    private(set) var kept = 0
    /// The values of the readings that `noted` names.
    private(set) var values: [Double] = []

    static let most = 60

    init(seed: UInt64, segments: UInt32 = 64, sealsAtOnce: Bool = true) throws {
        random = SeededGenerator(seed: seed)
        disk = SimulatedDisk(seed: seed)
        let worker = SteppedWorker(isImmediate: sealsAtOnce)
        self.worker = worker
        var options = StoreOptions.tiny(segments: segments)
        options.sealingWorker = { worker }
        self.options = options
        (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        try register()
    }

    private mutating func register() throws {
        series = []
        for number in 0..<6 {
            let labels: Labels = ["__name__": "x", "device": "d\(number)", "household": "h"]
            guard case .series(let one) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else {
                throw StoreError.closed
            }
            series.append(one)
        }
    }

    /// Appends messages, of which some come late, and some of these to an instant that has a value.
    mutating func append(messages: Int) throws {
        var batch = Batch()
        var sent: [SeriesRef: [Int64: Double]] = [:]
        for _ in 0..<messages {
            now += Int64.random(in: 1...5000, using: &random)
            let isLate = Int.random(in: 0..<4, using: &random) == 0
            let time = isLate ? now - Int64.random(in: 1...40, using: &random) * 2000 / 7000 * 7000 : now
            let first = Int.random(in: 0..<series.count, using: &random)
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: time))
            for one in series[first..<min(series.count, first + Int.random(in: 1...3, using: &random))] {
                batch.add(one, nextValue)
                sent[one, default: [:]][time] = nextValue
                nextValue += Double.random(in: 0.5...1, using: &random)
            }
        }
        var told: [LateSample] = []
        let at = Timestamp(milliseconds: now)
        let watch = LateWatch(now: at, inTime: at, after: Timestamp(milliseconds: .min)) { samples, _ in told += samples
        }
        defer {
            noted += told
            values += told.map { sent[$0.series]?[$0.time.milliseconds] ?? .nan }
        }
        _ = try writer.append(batch, noting: watch)
        if Bool.random(using: &random) { worker.step() }
    }

    /// Says that somebody keeps some of what was told, so that there are never more than `most`.
    mutating func keepSome() {
        let waiting = noted.count - kept
        let least = max(0, waiting - LateLife.most)
        guard least > 0 || Int.random(in: 0..<6, using: &random) == 0 else { return }
        kept += Int.random(in: least...waiting, using: &random)
        let notes = store.snapshot().lateNotes
        store.lateNotesAreKept(through: notes.through - UInt64(noted.count - kept))
    }

    enum End: CaseIterable { case close, kill, powerCut }

    /// Ends the process and begins the next. Returns what is wrong with what that one knows.
    mutating func begin(after end: End) throws -> String? {
        switch end {
        case .close:
            try writer.close()
            disk.restart()
        case .kill: disk.killProcess()
        case .powerCut: disk.restart()
        }
        (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        let notes = store.snapshot().lateNotes.samples
        let fault = fault(in: store, before: noted.count)
        try register()
        let known = Array(values.suffix(notes.count))
        (noted, values, kept) = (notes, known, 0)
        return fault
    }

    /// What is wrong with a store that was opened after the process had ended in the append behind the first `before` that were told.
    func fault(in store: RingStore, before: Int) -> String? {
        let found = store.snapshot().lateNotes.samples
        // All from one that is kept, or the first that is not, to the last one that was there.
        for end in stride(from: noted.count, through: before, by: -1)
        where end >= found.count && Array(noted[end - found.count..<end]) == found {
            guard end - found.count <= kept else { continue }
            for index in end..<noted.count where value(noted[index], in: store) == values[index] {
                return "\(noted[index]) is there, and nobody knows that it is late"
            }
            return nil
        }
        return "\(found.count) are known, and not those from \(kept) to \(before) or \(noted.count)"
    }

    private func value(_ sample: LateSample, in store: RingStore) -> Double? {
        try? store.snapshot().samples(sample.series, sample.time...sample.time).first?.value
    }

    /// A store on `disk`, as this life's.
    func open(_ disk: SimulatedDisk) throws -> RingStore {
        var options = options
        options.sealingWorker = { SteppedWorker(isImmediate: true) }
        return try RingStore.open(directory: disk.directory, options: options).store
    }
}
