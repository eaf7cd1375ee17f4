import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

/// A reading a second of each of four series, which share rows now and then, and a few that come late: with any age that the ring
/// still reaches back to, new ones, corrections, and repeated ones.
private struct DenseWorkload {
    typealias Row = (time: Int64, samples: [(series: Int, value: Double)])

    var random: SeededGenerator
    var now: Int64 = 1_700_000_000_000
    /// Of a thousand rows, so many come late.
    let late: UInt64
    static let series = 4

    init(seed: UInt64, late: UInt64) {
        random = SeededGenerator(seed: seed)
        self.late = late
    }

    /// `oldest` is how far back late ones go; `model` is what they may repeat.
    mutating func rows(_ count: Int, oldest: Int64, _ model: DenseModel) -> [Row] {
        (0..<count).map { _ in
            guard random.next() % 1000 < late, oldest < now else { return nextRow() }
            // Every third as near to the ring's end as can be.
            let span = UInt64(now - oldest) / (random.next() % 3 == 0 ? 20 : 1)
            var time = oldest + Int64(random.next() % max(1, span))
            let series = Int(random.next() % UInt64(DenseWorkload.series))
            var number = value()
            if random.next() % 2 == 0 {
                // At the instant of one that is there, and sometimes with its value.
                time -= time % 1000
                if random.next() % 4 == 0, let known = model.samples[series][time] { number = known }
            }
            return (time, series == 0 ? [(0, number), (1, value())] : [(series, number)])
        }
    }

    private mutating func nextRow() -> Row {
        now += 1000
        now -= now % 1000
        // Of two kinds, so that series 1 is in several groups.
        return random.next() % 10 < 9
            ? (now, [(0, value()), (1, value()), (2, value()), (3, value())])
            : (now, [(0, value()), (1, value())])
    }

    private mutating func value() -> Double { Double(Int(random.next() % 2000)) / 100 }
}

private struct DenseModel {
    var samples: [[Int64: Double]] = Array(repeating: [:], count: DenseWorkload.series)

    /// What each bucket of `step` comes to, from `first` on.
    func buckets(_ series: Int, step: Int64, from first: Int64) -> [Int64: Aggregate] {
        var found: [Int64: Aggregate] = [:]
        for (time, value) in samples[series].filter({ $0.key >= first }).sorted(by: { $0.key < $1.key }) {
            let start = time - (time - 1) % step
            if found[start] == nil {
                found[start] = Aggregate(start: start, value)
            } else {
                found[start]?.add(value)
            }
        }
        return found
    }
}

/// A store with such devices, and what must be in it.
private struct DenseRing {
    let disk: SimulatedDisk
    var options: StoreOptions
    var store: RingStore
    var writer: StoreWriter
    var worker: SteppedWorker
    var workload: DenseWorkload
    var model = DenseModel()
    var taken = 0
    var refused = 0
    var evictions: UInt64 = 0

    init(seed: UInt64, late: UInt64, segments: UInt32, segmentBytes: UInt32 = 8 << 10) throws {
        disk = SimulatedDisk(seed: seed)
        options = StoreOptions(diskBudget: 4 << 20, memoryBudget: 8 << 20, identityWindow: 32)
        options.geometry = StoreGeometry(
            segmentBytes: segmentBytes, segmentCount: segments, logBytes: 256 << 10, catalogueBytes: 16 << 10)
        worker = SteppedWorker()
        options.sealingWorker = { [worker] in worker }
        (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        for series in 0..<DenseWorkload.series {
            let labels: Labels = ["__name__": "m\(series)", "device": "d", "household": "h"]
            _ = writer.register(SeriesDescriptor(labels: labels, unit: nil))
        }
        workload = DenseWorkload(seed: seed &+ 1, late: late)
    }

    mutating func reopen(closing: Bool) throws {
        evictions += store.statistics.evictedSegments
        if closing { try writer.close() }
        disk.restart()
        worker = SteppedWorker()
        options.sealingWorker = { [worker] in worker }
        (store, writer) = try RingStore.open(directory: disk.directory, options: options)
    }

    /// Appends rows; complains of late samples that were refused although nothing of their hour is gone.
    mutating func append(_ count: Int) throws -> [String] {
        let oldest = writer.state.evictedThrough == .min ? workload.now - 3_600_000 : writer.state.frozenThrough + 1
        let rows = workload.rows(count, oldest: oldest, model)
        var batch = Batch()
        for row in rows {
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: row.time))
            for sample in row.samples { batch.add(SeriesRef(index: UInt32(sample.series)), sample.value) }
        }
        let outcome = try writer.append(batch)
        var complaints: [String] = []
        var index = 0
        for row in rows {
            for sample in row.samples {
                if outcome.wasStored(index) {
                    model.samples[sample.series][row.time] = sample.value
                    taken += 1
                } else if model.samples[sample.series][row.time]?.bitPattern != sample.value.bitPattern {
                    refused += 1
                    // The ring may have moved on while the batch was taken in.
                    if row.time > writer.state.frozenThrough {
                        complaints.append("series \(sample.series), \(row.time): refused")
                    }
                }
                index += 1
            }
        }
        return complaints
    }

    /// What readings and tiers say that the model does not.
    func complaints() throws -> [String] {
        var found: [String] = []
        let snapshot = store.snapshot()
        for series in 0..<DenseWorkload.series {
            let ref = SeriesRef(index: UInt32(series))
            for sample in try snapshot.samples(ref)
            where model.samples[series][sample.time.milliseconds]?.bitPattern != sample.value.bitPattern {
                found.append("series \(series): \(sample)")
            }
            for tier in snapshot.state.tiers where tier.isKept {
                var expected = model.buckets(series, step: tier.grid.width, from: tier.knownFrom)
                let range = Timestamp(milliseconds: max(0, tier.knownFrom))...Timestamp(milliseconds: workload.now)
                try snapshot.aggregates(of: ref, in: range, step: tier.grid.width) { run in
                    for index in run.indices {
                        let start = run[index].start.milliseconds
                        guard start >= tier.knownFrom else { continue }
                        let right = expected.removeValue(forKey: start)
                        if right.map({ !$0.isIdentical(to: run[index]) }) ?? true {
                            found.append("series \(series), \(tier.content), \(run[index]), expected \(right as Any)")
                        }
                    }
                    return true
                }
                found += expected.keys.sorted().map { "series \(series), \(tier.content), \($0): missing" }
            }
        }
        return found
    }
}

@Suite struct LateReadingsAreTakenAnywhereInTheRing {
    /// However late, and although the segments that hold its hour give way next: a sample is taken as long as nothing of its hour
    /// is gone, and readings and tiers tell it exactly. While segments are made slowly, and over restarts of all kinds.
    @Test(arguments: [(301, 20, 3), (302, 20, 1), (303, 2, 3), (304, 100, 2)] as [(UInt64, UInt64, UInt64)])
    func andTiersTellThem(seed: UInt64, late: UInt64, steps: UInt64) throws {
        var ring = try DenseRing(seed: seed, late: late, segments: 96)
        var random = SeededGenerator(seed: seed &+ 99)
        var amended = 0
        for round in 0..<1200 {
            let refusals = try ring.append(200)
            #expect(refusals.isEmpty, "seed \(seed), round \(round): \(refusals.prefix(3))")
            if random.next() % steps == 0 { ring.worker.step() }
            if random.next() % 60 == 0 { try ring.reopen(closing: random.next() % 2 == 0) }
            amended += ring.writer.state.tiers.contains { !$0.amendments.isEmpty } ? 1 : 0
            guard round % 300 == 299 else { continue }
            let wrong = try ring.complaints()
            #expect(wrong.isEmpty, "seed \(seed), round \(round): \(wrong.count), \(wrong.prefix(3))")
            if !wrong.isEmpty || !refusals.isEmpty { return }
        }
        let state = ring.writer.state
        print(
            "seed \(seed): \(state.segments.count) raw, tiers \(state.tiers.map { $0.segments.count }), "
                + "\(ring.evictions + ring.store.statistics.evictedSegments) evicted, \(ring.refused) refused, amended in \(amended) rounds"
        )
        #expect(amended > 20 && ring.evictions > 40)
        #expect(ring.store.statistics.damagedChunks + ring.store.statistics.damagedFrames == 0)
    }

    /// The power goes at calls of a run in which late samples come into hours that are being written over: what is there then is
    /// all of the last batch or nothing of it, in readings and tiers alike.
    @Test func overPowerCuts() throws {
        var ring = try DenseRing(seed: 311, late: 30, segments: 40, segmentBytes: 4 << 10)
        var cuts = 0
        var amended = 0
        for round in 0..<340 {
            if round == 300 { ring.disk.recordInterruptions() }
            let before = ring.model
            _ = try ring.append(100)
            if round % 2 == 0 { ring.worker.step() }
            guard round >= 300 else { continue }
            for (call, disk) in ring.disk.takeInterruptions() where call % 41 == 0 {
                cuts += 1
                var options = ring.options
                options.sealingWorker = { SteppedWorker(isImmediate: true) }
                var cut = ring
                (cut.store, cut.writer) = try RingStore.open(directory: disk.directory, options: options)
                amended += cut.writer.state.tiers.contains { !$0.amendments.isEmpty } ? 1 : 0
                let withBatch = try cut.complaints()
                guard !withBatch.isEmpty else { continue }
                cut.model = before
                let withoutBatch = try cut.complaints()
                #expect(withoutBatch.isEmpty, "call \(call): \(withBatch.prefix(2)), \(withoutBatch.prefix(2))")
            }
        }
        print("power cut at \(cuts) calls, amendments at \(amended)")
        #expect(cuts > 50 && amended > 10 && ring.store.statistics.evictedSegments > 40)
    }

    /// A few late samples in the ring's oldest part cost the tiers nothing of what they remember.
    @Test func andCostNoHistory() throws {
        func reach(late: UInt64) throws -> Int64 {
            var ring = try DenseRing(seed: 77, late: late, segments: 96)
            for _ in 0..<2400 {
                #expect(try ring.append(200).isEmpty)
                ring.worker.step()
            }
            let hours = ring.writer.state.tiers[1]
            #expect(hours.isKept)
            return ring.workload.now - max(hours.knownFrom, 1_700_000_000_000)
        }
        let without = try reach(late: 0)
        let with = try reach(late: 1)
        print("hours reach back \(without / 3_600_000) h, with late samples \(with / 3_600_000) h")
        #expect(Double(with) > 0.9 * Double(without))
    }
}
