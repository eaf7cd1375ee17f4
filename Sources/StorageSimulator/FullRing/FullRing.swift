import Readings
import RingStore

/// A store on a simulated disk whose ring turns after some hours of a `DenseWorkload`, with what must be in it.
package struct FullRing {
    package let disk: SimulatedDisk
    package private(set) var options: StoreOptions
    package private(set) var worker = SteppedWorker()
    package private(set) var workload: DenseWorkload
    package private(set) var model = DenseModel()
    /// Rows that were handed over and not acknowledged: the broker sends them again.
    package private(set) var pending: [DenseWorkload.Row] = []

    package init(seed: UInt64, late: Int, gaps: Int = 0, segments: UInt32, segmentBytes: UInt32 = 8 << 10) {
        disk = SimulatedDisk(seed: seed)
        options = StoreOptions(diskBudget: 4 << 20, memoryBudget: 8 << 20, identityWindow: 32)
        options.geometry = StoreGeometry(
            segmentBytes: segmentBytes, segmentCount: segments, logBytes: 256 << 10, catalogueBytes: 16 << 10)
        workload = DenseWorkload(seed: seed &+ 1, late: late, gaps: gaps)
    }

    /// Opens the store with a worker that does nothing until it is told to, or does all at once.
    package mutating func open(isImmediate: Bool = false) throws -> (store: RingStore, writer: StoreWriter) {
        let worker = SteppedWorker(isImmediate: isImmediate)
        self.worker = worker
        options.sealingWorker = { worker }
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        for series in 0..<DenseWorkload.series {
            let labels: Labels = ["__name__": "m\(series)", "device": "d", "household": "h"]
            _ = writer.register(SeriesDescriptor(labels: labels, unit: nil))
        }
        return (store, writer)
    }

    /// Appends what was not acknowledged, or else `count` new rows. Returns what of the store's answer is wrong: late samples
    /// that it refused although nothing of their hour is gone.
    package mutating func append(_ count: Int, to store: RingStore, _ writer: StoreWriter) throws -> [String] {
        let isRepeated = !pending.isEmpty
        let before = store.snapshot().lateFrom
        if !isRepeated {
            pending = workload.rows(count, oldest: before == .min ? workload.now - 3_600_000 : before, model)
        }
        var batch = Batch()
        for row in pending {
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: row.time))
            for sample in row.samples { batch.add(SeriesRef(index: UInt32(sample.series)), sample.value) }
        }
        let refusals = writer.refusedForWantOfRoom
        let outcome = try writer.append(batch)
        defer { pending = [] }
        let complaints = try take(outcome, before, store.snapshot(), isRepeated)
        return writer.refusedForWantOfRoom == refusals ? complaints : []
    }

    private mutating func take(
        _ outcome: AppendOutcome, _ lateFrom: Int64, _ snapshot: StoreSnapshot, _ isRepeated: Bool
    ) throws -> [String] {
        // The ring may have moved on while the batch was taken in.
        let lateFrom = max(lateFrom, snapshot.lateFrom)
        var complaints: [String] = []
        var index = 0
        for row in pending {
            for (series, value) in row.samples {
                defer { index += 1 }
                if outcome.wasStored(index) {
                    model.samples[series][row.time] = value
                    continue
                }
                guard model.samples[series][row.time]?.bitPattern != value.bitPattern else { continue }
                if isRepeated {
                    // It may have been stored by the attempt that was broken off.
                    let time = Timestamp(milliseconds: row.time)
                    let held = try snapshot.samples(SeriesRef(index: UInt32(series)), time...time).first
                    if held?.value.bitPattern == value.bitPattern {
                        model.samples[series][row.time] = value
                    } else {
                        model.doubt(series, at: row.time)
                    }
                } else if row.time >= lateFrom {
                    complaints.append("series \(series), \(row.time): refused")
                }
            }
        }
        return complaints
    }

    /// What of the store is not as it must be.
    package func complaints(_ store: RingStore) throws -> [String] { try model.complaints(store, pending: pending) }
}
