import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

/// Devices of which the readings are dense enough for both tiers, as a ring of a few hundred kilobytes needs them: fast
/// ones, slow ones, single ones, silent ones; late, doubled, corrected; decimals, true Doubles, and strange values.
private struct TierWorkload {
    var random: SeededGenerator
    var now: Int64 = 1_700_000_000_000
    private var levels: [Double] = Array(repeating: 20, count: 8)
    private var sent: [(time: Int64, samples: [(series: Int, value: Double)])] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    static let series = 7

    mutating func rows(_ count: Int) -> [(time: Int64, samples: [(series: Int, value: Double)])] {
        (0..<count).map { _ in row() }
    }

    private mutating func row() -> (time: Int64, samples: [(series: Int, value: Double)]) {
        now += Int64(random.next() % 1200)
        let kind = random.next() % 100
        if kind < 4, let old = sent.randomElement(using: &random) { return old }
        if kind < 7, let old = sent.randomElement(using: &random) {
            return (old.time, old.samples.map { ($0.series, $0.value + 0.5) })
        }
        var time = now
        if kind < 12 { time -= Int64(random.next() % 400_000) }
        if kind == 12 { now += 900_000 }
        let samples: [(Int, Double)]
        switch random.next() % 20 {
        case 0..<10: samples = [(0, value(0)), (1, value(1)), (2, value(2))]
        case 10..<12: samples = [(0, value(0))]
        case 12..<18: samples = [(3, value(3)), (4, value(4))]
        case 18: samples = [(5, value(5))]
        default: samples = random.next() % 40 == 0 ? [(6, value(6))] : [(5, value(5)), (3, value(3))]
        }
        let row = (time, samples.map { (series: $0.0, value: $0.1) })
        sent.append(row)
        if sent.count > 60 { sent.removeFirst() }
        return row
    }

    private mutating func value(_ series: Int) -> Double {
        levels[series] += Double(Int(random.next() % 11) - 5) / 10
        switch series {
        case 1: return levels[series] / 3
        case 2: return Double(sent.count) * 1000 + (levels[series] * 1000).rounded() / 1000
        case 4:
            let strange = [-0.0, .nan, .infinity, 1e300, -1e-300]
            return random.next() % 30 == 0 ? strange[Int(random.next() % 5)] : levels[series].rounded()
        default: return (levels[series] * 10).rounded() / 10
        }
    }
}

/// Every sample that was ever accepted, and what buckets of them come to, added up one by one.
private struct Model {
    var samples: [Int: [Int64: Double]] = [:]

    mutating func take(_ rows: [(time: Int64, samples: [(series: Int, value: Double)])], _ outcome: AppendOutcome?) {
        var index = 0
        for row in rows {
            for sample in row.samples {
                if outcome?.wasStored(index) ?? true { samples[sample.series, default: [:]][row.time] = sample.value }
                index += 1
            }
        }
    }

    /// Where the bucket begins: a millisecond behind a whole one.
    private static func start(_ time: Int64, _ step: Int64) -> Int64 { time - (time - 1) % step }

    /// Sums are made in hours, or minutes, where the step is made of them: as the store says of its sums.
    func aggregates(_ series: Int, step: Int64) -> [Int64: Aggregate] {
        let unit = [3_600_000, 60_000].first { step % $0 == 0 } ?? step
        var units: [Aggregate] = []
        for (time, value) in (samples[series] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let start = Model.start(time, unit)
            if units.last?.start.milliseconds == start {
                units[units.count - 1].add(value)
            } else {
                units.append(Aggregate(start: start, value))
            }
        }
        var steps: [Int64: Aggregate] = [:]
        for one in units {
            let start = Model.start(one.start.milliseconds, step)
            if steps[start] == nil {
                steps[start] = one
                steps[start]?.start = Timestamp(milliseconds: start)
            } else {
                steps[start]?.add(one)
            }
        }
        return steps
    }
}

extension StoreSnapshot {
    fileprivate func all(_ ref: SeriesRef, step: Int64, in range: ClosedRange<Timestamp>? = nil) throws -> [Aggregate] {
        var found: [Aggregate] = []
        let wide = Timestamp(milliseconds: 0)...Timestamp(milliseconds: 4_000_000_000_000)
        try aggregates(of: ref, in: range ?? wide, step: step) { run in
            for index in run.indices { found.append(run[index]) }
            return true
        }
        return found
    }
}

extension StoreOptions {
    /// A ring in which raw segments, and those of both tiers, are written over after some ten thousand readings.
    fileprivate static func small(segments: UInt32) -> StoreOptions {
        var options = StoreOptions(diskBudget: 4 << 20, memoryBudget: 8 << 20, identityWindow: 32)
        options.geometry = StoreGeometry(
            segmentBytes: 8 << 10, segmentCount: segments, logBytes: 256 << 10, catalogueBytes: 16 << 10)
        options.sealingWorker = { SteppedWorker(isImmediate: true) }
        return options
    }
}

private func batch(_ rows: [(time: Int64, samples: [(series: Int, value: Double)])], _ writer: StoreWriter) -> Batch {
    var batch = Batch()
    for row in rows {
        batch.beginMessage()
        batch.beginRow(at: Timestamp(milliseconds: row.time))
        for sample in row.samples { batch.add(SeriesRef(index: UInt32(sample.series)), sample.value) }
    }
    return batch
}

private func register(_ writer: StoreWriter) {
    for series in 0..<TierWorkload.series {
        let labels: Labels = ["__name__": "m\(series)", "device": "d", "household": "h"]
        _ = writer.register(SeriesDescriptor(labels: labels, unit: nil))
    }
}

/// What of a store's aggregates is not what the model says; `maySkip` are buckets that may be gone.
private func complaints(_ store: RingStore, _ model: Model, steps: [Int64], maySkip: (Int64, Int64) -> Bool) throws
    -> [String]
{
    var found: [String] = []
    let snapshot = store.snapshot()
    for series in 0..<TierWorkload.series {
        for sample in try snapshot.samples(SeriesRef(index: UInt32(series))) {
            let right = model.samples[series]?[sample.time.milliseconds]
            if right?.bitPattern != sample.value.bitPattern, right?.isNaN != true {
                found.append("series \(series): \(sample), expected \(right as Any)")
            }
        }
        for step in steps {
            var expected = model.aggregates(series, step: step)
            for aggregate in try snapshot.all(SeriesRef(index: UInt32(series)), step: step) {
                let start = aggregate.start.milliseconds
                guard let right = expected.removeValue(forKey: start) else {
                    found.append("series \(series), step \(step), \(start): not in the model")
                    continue
                }
                if !aggregate.isSame(as: right), !maySkip(step, start) {
                    found.append("series \(series), step \(step): \(aggregate), expected \(right)")
                }
            }
            for start in expected.keys.sorted() where !maySkip(step, start) {
                found.append("series \(series), step \(step), \(start): missing")
            }
        }
    }
    return found
}

extension Aggregate {
    /// NaNs are equal: which of them comes out of a sum is the processor's choice.
    fileprivate func isSame(as other: Aggregate) -> Bool {
        func same(_ a: Double, _ b: Double) -> Bool { a.bitPattern == b.bitPattern || a.isNaN && b.isNaN }
        return start == other.start && count == other.count && same(min, other.min) && same(max, other.max)
            && same(sum, other.sum) && same(first, other.first) && same(last, other.last)
    }
}

@Suite struct TiersSurviveAPowerCut {
    /// The power goes at every call of a run in which both tiers are sealed and everything is written over: what is there
    /// then is all of the last batch or nothing of it, in readings and tiers alike, and it goes on from there.
    @Test(arguments: [(111, 20, 1), (112, 400, 2)] as [(UInt64, UInt32, Int)]) func atEveryCall(
        seed: UInt64, segments: UInt32, each: Int
    )
        throws
    {
        var options = StoreOptions.small(segments: segments)
        options.geometry?.segmentBytes = 4 << 10
        let disk = SimulatedDisk(seed: seed)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        register(writer)
        var workload = TierWorkload(seed: seed)
        var model = Model()
        var cuts = 0
        var sealedTiers: Set<UInt64> = []
        let steps: [Int64] = segments > 100 ? [3_600_000, 60_000] : [3_600_000]
        for round in 0..<114 {
            if round == 90 { disk.recordInterruptions() }
            let rows = workload.rows(90)
            let before = model
            model.take(rows, try writer.append(batch(rows, writer)))
            for tier in writer.state.tiers where round >= 90 { sealedTiers.formUnion(tier.segments.map(\.sequence)) }
            guard round >= 90 else { continue }
            for (call, disk) in disk.takeInterruptions() where call % each == 0 {
                cuts += 1
                let what = "seed \(seed), power cut at call \(call)"
                let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
                func wrong(_ model: Model, _ store: RingStore) throws -> [String] {
                    let known = store.snapshot().state.tiers[1].knownFrom
                    return try complaints(store, model, steps: steps) { _, start in segments < 100 && start < known }
                }
                let withBatch = try wrong(model, store)
                let withoutBatch = withBatch.isEmpty ? [] : try wrong(before, store)
                #expect(
                    withBatch.isEmpty || withoutBatch.isEmpty,
                    "\(what): \(withBatch.prefix(2)), \(withoutBatch.prefix(2))")
                #expect(store.statistics.damagedFrames + store.statistics.damagedChunks == 0, "\(what)")
                // Goes on, and is cut again at once.
                guard call % (10 * each) == 0 else { continue }
                var further = withBatch.isEmpty ? model : before
                var later = workload
                for _ in 0..<3 {
                    let rows = later.rows(90)
                    further.take(rows, try writer.append(batch(rows, writer)))
                }
                disk.restart()
                let (again, _) = try RingStore.open(directory: disk.directory, options: options)
                let then = try wrong(further, again)
                #expect(then.isEmpty, "\(what), and later: \(then.prefix(2))")
            }
        }
        #expect(sealedTiers.count >= 2 && cuts > 100)
        if segments < 100 { #expect(store.statistics.evictedSegments > 20) }
        print("power cut at each of \(cuts) calls, seed \(seed), \(sealedTiers.count) segments of tiers")
    }
}

@Suite struct TiersSayExactlyWhatReadingsSaid {
    /// Without evictions every step must come out as the model says, whatever answers it; with them the steps of a tier.
    @Test(arguments: [101, 102, 104, 105, 106, 107] as [UInt64])
    func whateverComes(seed: UInt64) throws {
        let segments: UInt32 = seed % 2 == 0 ? 20 : 400
        var options = StoreOptions.small(segments: segments)
        // Batches come while a segment is made.
        var worker = SteppedWorker(isImmediate: seed < 105)
        func hire() {
            worker = SteppedWorker(isImmediate: seed < 105)
            options.sealingWorker = { [worker] in worker }
        }
        hire()
        let disk = SimulatedDisk(seed: seed)
        var (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        register(writer)
        var workload = TierWorkload(seed: seed)
        var model = Model()
        var random = SeededGenerator(seed: seed &+ 99)
        var evictions: UInt64 = 0
        var refused: UInt64 = 0
        for round in 0..<(segments < 100 ? 400 : 200) {
            let rows = workload.rows(100)
            model.take(rows, try writer.append(batch(rows, writer)))
            if random.next() % 20 == 0 {
                evictions += store.statistics.evictedSegments
                refused += store.statistics.refusedTooOld
                if random.next() % 2 == 0 { try writer.close() }
                disk.restart()
                hire()
                (store, writer) = try RingStore.open(directory: disk.directory, options: options)
            }
            if random.next() % 3 == 0 { worker.step() }
            guard round % 40 == 39 else { continue }
            let steps: [Int64] =
                segments > 100 ? [3_600_000, 60_000, 7_200_000, 300_000, 7000] : [3_600_000, 86_400_000]
            let state = store.snapshot().state
            let wrong = try complaints(store, model, steps: steps) { _, start in
                // Only where the hour tier, too, was written over.
                segments < 100 && start < state.tiers[1].knownFrom
            }
            #expect(wrong.isEmpty, "seed \(seed), round \(round): \(wrong.count), \(wrong.prefix(3))")
            if !wrong.isEmpty { return }
        }
        evictions += store.statistics.evictedSegments
        let state = store.snapshot().state
        print(
            "seed \(seed): \(state.segments.count) raw, tiers \(state.tiers.map { "\($0.isKept) \($0.segments.count)" }), "
                + "\(evictions) evicted, \(refused) too old")
        let areKept = state.tiers.allSatisfy { $0.isKept }
        #expect(areKept)
        #expect(store.statistics.damagedChunks == 0, "\(store.statistics.lastDamage ?? "")")
        if segments < 100 { #expect(evictions > 30) }
    }
}

@Suite struct StepsOfAnyLengthTellWhatIsKnown {
    /// Steps that are not made of minutes, or hours, become longer where readings, or minutes, are gone: together they hold
    /// every reading that the hours remember, once.
    @Test(arguments: [102, 104, 106] as [UInt64])
    func howeverMuchIsWrittenOver(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .small(segments: 20))
        register(writer)
        var workload = TierWorkload(seed: seed)
        var model = Model()
        var lengths: Set<Int64> = []
        for round in 0..<240 {
            let rows = workload.rows(100)
            model.take(rows, try writer.append(batch(rows, writer)))
            guard round % 40 == 39 else { continue }
            let snapshot = store.snapshot()
            let known = snapshot.state.tiers[1].knownFrom
            for (series, step, origin) in [
                (0, 7000, 0), (1, 90_000, 30_001), (2, 5_400_000, 60_001), (3, 86_400_000, 1_800_001),
            ]
                as [(Int, Int64, Int64)]
            {
                let what = "seed \(seed), round \(round), series \(series), step \(step)"
                let samples = (model.samples[series] ?? [:]).filter { $0.key >= known }.sorted { $0.key < $1.key }
                guard let first = samples.first?.key, let last = samples.last?.key else { continue }
                let range = Timestamp(milliseconds: first)...Timestamp(milliseconds: last)
                let ref = SeriesRef(index: UInt32(series))
                let ranges = snapshot.stepRanges(
                    of: ref, in: range, step: step, origin: Timestamp(milliseconds: origin))
                lengths.formUnion(ranges.map(\.step))
                #expect(ranges.last?.step == step, "\(what): the newest steps are as asked for")
                for (one, next) in zip(ranges, ranges.dropFirst()) {
                    #expect(one.range.upperBound.milliseconds + 1 == next.range.lowerBound.milliseconds, "\(what)")
                }
                var counted = 0
                for stretch in ranges {
                    try snapshot.aggregates(of: ref, in: stretch.range, step: stretch.step, origin: stretch.origin) {
                        run in
                        for index in run.indices where run[index].start.milliseconds >= known {
                            let found = run[index]
                            let start = found.start.milliseconds
                            let own = samples.filter { $0.key >= start && $0.key < start + stretch.step }.map(\.value)
                            #expect(found.count == own.count, "\(what), \(start), \(stretch.step) long")
                            #expect(found.last.bitPattern == own.last?.bitPattern || found.last.isNaN, "\(what)")
                            counted += found.count
                        }
                        return true
                    }
                }
                let missed = samples.prefix { $0.key < (ranges.first.map { $0.range.lowerBound.milliseconds } ?? 0) }
                // The hour in which the hours begin may lie in a longer step that begins before.
                let longest = ranges.map(\.step).max() ?? 0
                let sure = samples.count { $0.key >= known + longest }
                #expect(missed.isEmpty && counted >= sure && counted <= samples.count, "\(what): \(counted) of \(sure)")
            }
        }
        print("seed \(seed): steps of \(lengths.sorted())")
        #expect(store.statistics.evictedSegments > 20)
        #expect(lengths.isSuperset(of: [3_600_000, 7_200_000]))
    }

    /// A reading a second: a step has as many as it has seconds, whether readings or minutes tell it.
    @Test func minutesWhereReadingsAreGone() throws {
        var options = StoreOptions.small(segments: 60)
        options.geometry?.segmentBytes = 16 << 10
        let (store, writer) = try RingStore.open(directory: SimulatedDisk(seed: 8).directory, options: options)
        register(writer)
        var random = SeededGenerator(seed: 8)
        let first: Int64 = 1_700_006_400_000
        var now = first
        for _ in 0..<600 {
            let rows = (0..<180).map { _ in
                now += 1000
                return (now, (0..<7).map { (series: $0, value: Double(random.next() % 4000) / 100) })
            }
            _ = try writer.append(batch(rows, writer))
        }
        let snapshot = store.snapshot()
        let ref = SeriesRef(index: 3)
        let range = Timestamp(milliseconds: first)...Timestamp(milliseconds: now)
        #expect(try snapshot.all(ref, step: 10_000, in: range).count < 10_000, "some readings are gone")
        for (step, lengths) in [(10_000, [60_000, 10_000]), (90_000, [120_000, 90_000])]
            as [(Int64, [Int64])]
        {
            let ranges = snapshot.stepRanges(of: ref, in: range, step: step)
            // Between two lengths may stand one short step.
            #expect(ranges.map(\.step).filter { lengths.contains($0) } == lengths, "\(ranges)")
            var sum = 0
            for stretch in ranges {
                try snapshot.aggregates(of: ref, in: stretch.range, step: stretch.step, origin: stretch.origin) { run in
                    for index in run.indices {
                        let found = run[index]
                        sum += found.count
                        let isWhole = found.start.milliseconds > first && found.start.milliseconds + stretch.step <= now
                        #expect(!isWhole || found.count * 1000 == stretch.step, "\(found) of \(stretch)")
                    }
                    return true
                }
            }
            #expect(sum == 600 * 180)
        }
    }
}
