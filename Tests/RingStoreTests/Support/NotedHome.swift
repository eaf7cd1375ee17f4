import Readings
import StorageSimulator

@testable import RingStore

/// A store with one series, and what it tells of it to be late.
final class NotedHome {
    let disk = SimulatedDisk(seed: 1)
    let store: RingStore
    let writer: StoreWriter
    let series: SeriesRef
    /// All that was told, and with which number.
    private(set) var told: [LateSample] = []
    private(set) var through: UInt64 = 0
    static let options = StoreOptions.tiny()

    init() throws {
        (store, writer) = try RingStore.open(directory: disk.directory, options: NotedHome.options)
        let labels: Labels = ["__name__": "x", "device": "d", "household": "h"]
        guard case .series(let one) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else {
            throw StoreError.closed
        }
        series = one
        // All that follows is behind it.
        try append([[NotedHome.newest]], value: 0)
    }

    static let newest: Int64 = 1 << 49

    /// Appends messages, each with rows at its instants.
    func append(_ messages: [[Int64]], value: Double) throws {
        var batch = Batch()
        for times in messages {
            batch.beginMessage()
            for time in times {
                batch.beginRow(at: Timestamp(milliseconds: time))
                batch.add(series, value)
            }
        }
        let now = Timestamp(milliseconds: NotedHome.newest)
        let watch = LateWatch(now: now, inTime: now, after: Timestamp(milliseconds: .min)) { [self] samples, through in
            told += samples
            self.through = through
        }
        _ = try writer.append(batch, noting: watch)
    }

    var notes: LateNotes { store.snapshot().lateNotes }

    /// What a process knows that finds the disk as it is.
    func notesBehindAKill() throws -> [LateSample] {
        let other = disk.fork()
        other.killProcess()
        return try RingStore.open(directory: other.directory, options: NotedHome.options).store
            .snapshot().lateNotes.samples
    }

    /// The frames of readings that hold.
    func frames() throws -> [LogScan.Found] {
        guard let file = try disk.fork().directory.open("log") else { return [] }
        let log = writer.log
        return LogScan(file, capacity: log.capacity, store: log.store).chain(file).frames
            .filter { $0.header.kind == .readings }
    }
}
