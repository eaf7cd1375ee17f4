import Alerting
import PromQL
import Readings
import RingStore
import StorageSimulator
import TestSupport
import Testing

@testable import quantracd

/// What rules are shown of a store, compared with a list of what came in its order.
@Suite("Rules are shown a series without what came late") struct LateFilterTests {
    private static let start: Int64 = 1_700_000_000_000

    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: start + seconds * 1000) }

    /// All that was stored, by the definition and nothing else.
    private struct Model {
        let patience: Int64
        var stored: [Timestamp: Double] = [:]
        var seen: [Timestamp: Double] = [:]
        /// Where something late came: what is put aside stays so, even if the clock is set back before it.
        private var aside: Set<Timestamp> = []

        init(patience: Int64) { self.patience = patience }

        mutating func take(_ message: [(time: Timestamp, value: Double)], at now: Timestamp) {
            let before = stored
            for (time, value) in message where stored[time] != value {
                let isOld = time < now.advanced(byMilliseconds: -patience)
                let isLate = isOld && before.keys.contains { $0 > time && $0 <= now }
                stored[time] = value
                if isLate { aside.insert(time) }
                if !aside.contains(time) { seen[time] = value }
            }
        }
    }

    private func aggregates(
        _ series: any SelectedSeries, in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp
    ) throws -> [Aggregate] {
        var all: [Aggregate] = []
        try series.forEachAggregate(in: range, step: step, origin: origin, detail: .all) { run in
            for index in run.indices { all.append(run[index]) }
            return true
        }
        return all
    }

    private static let steps: [Int64] = [1000, 60_000, 300_000, 3_600_000, 977_000]

    private static func buckets(
        of samples: [Sample], in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp
    ) -> [Aggregate] {
        let grouped = Dictionary(grouping: samples) { sample -> Timestamp in
            let into: Int64 = (sample.time.milliseconds - origin.milliseconds) % step
            return sample.time.advanced(byMilliseconds: into < 0 ? -into - step : -into)
        }
        let all = grouped.compactMap { Aggregate(start: $0.key, of: $0.value) }
        return all.filter { bucket in
            bucket.start <= range.upperBound && bucket.start.advanced(byMilliseconds: step - 1) >= range.lowerBound
        }.sorted { $0.start < $1.start }
    }

    /// A reach in which nothing is forgotten.
    private func watchAll(_ home: LateHome) throws {
        let engine = RuleEngine()
        let rules = "groups: [{name: g, rules: [{record: y, expr: 'avg_over_time(x[365d])'}]}]"
        let file = try RuleFile.parse(rules, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: home.now)
        home.late.follow(engine.reach)
    }

    /// Late rows, late samples, corrections, messages in disorder, a clock that is set back now and then; through chunks and
    /// segments, minutes and hours.
    @Test(arguments: 0..<6) func asIfTheyHadNotCome(number: UInt64) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("late filter: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let patience: Int64 = number % 2 == 0 ? 0 : 90_000
        let home = try LateHome(seed: seed, patience: patience)
        try watchAll(home)
        var model = Model(patience: patience)
        var clock: Int64 = 0
        var late = 0
        for round in 0..<1800 {
            clock += Int64.random(in: 5...60, using: &random)
            if Int.random(in: 0..<300, using: &random) == 0 { clock -= Int64.random(in: 60...2000, using: &random) }
            home.now = Self.time(clock)
            var messages: [[(time: Timestamp, value: Double)]] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                var message: [(time: Timestamp, value: Double)] = []
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let back =
                        Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 1...4000, using: &random) : 0
                    let time = Self.time(clock - back + Int64.random(in: -2...1, using: &random))
                    message.append((time, Double(Int.random(in: 0...99, using: &random)) / 10))
                }
                messages.append(message)
            }
            try home.take(messages: messages) {
                Bool.random(using: &random) ? Double.random(in: 0...1, using: &random) : nil
            }
            for message in messages { model.take(message, at: home.now) }
            late = max(late, home.late.count)
            guard round % 180 == 0 || round == 1799, let series = try home.seen(by: home.source) else { continue }
            let seen = model.seen.sorted { $0.key < $1.key }.map { Sample(time: $0.key, value: $0.value) }
            let all = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
            #expect(try series.samples(in: all) == seen, "seed \(seed), round \(round)")
            for _ in 0..<20 {
                let first = Self.time(Int64.random(in: 0...clock, using: &random))
                let range = first...first.advanced(byMilliseconds: Int64.random(in: 0...9_000_000, using: &random))
                #expect(
                    try series.samples(in: range) == seen.filter { range.contains($0.time) },
                    "seed \(seed), round \(round), \(range)")
                let step = try #require(Self.steps.randomElement(using: &random))
                let origin = Timestamp(milliseconds: Bool.random(using: &random) ? 1 : 123)
                let found = try aggregates(series, in: range, step: step, origin: origin)
                let due = Self.buckets(of: seen, in: range, step: step, origin: origin)
                #expect(found == due, "seed \(seed), round \(round), \(range) in steps of \(step)")
            }
            let whole = try #require(try home.seen(by: StoreSource(snapshot: home.store.snapshot())))
            let stored = model.stored.sorted { $0.key < $1.key }.map { Sample(time: $0.key, value: $0.value) }
            #expect(try whole.samples(in: all) == stored, "seed \(seed), round \(round): queries see all")
        }
        #expect(late > 100 && home.store.statistics.sealedSegments > 3, "seed \(seed)")
        try home.writer.close()
    }

    @Test func whatLiesInTheFutureMakesNothingLate() throws {
        let home = try LateHome(seed: 1)
        try watchAll(home)
        home.now = Self.time(1000)
        try home.take([(Self.time(1000), 1)])
        // The clock is set back by an hour: what comes now lies before what is there.
        home.now = Self.time(-2600)
        try home.take([(Self.time(-2601), 2)])
        home.now = Self.time(-2590)
        try home.take([(Self.time(-2590), 3), (Self.time(-2595), 4)])
        #expect(try home.samples(of: home.source) == [2, 3, 1], "only what is behind what came since is late")
        // Once it is the past it counts.
        home.now = Self.time(1001)
        try home.take([(Self.time(-2580), 5)])
        #expect(try home.samples(of: home.source) == [2, 3, 1])
        #expect(home.late.count == 2)
    }

    /// A sensor's clock is 40 s slow, and what it sends without a time is dated on arrival.
    @Test func aClockThatIsALittleSlowBlindsNobody() throws {
        let home = try LateHome(seed: 5, patience: LateReadings.patience)
        try watchAll(home)
        for second in stride(from: Int64(0), to: 200, by: 2) {
            home.now = Self.time(second)
            try home.take([(Self.time(second % 20 == 0 ? second : second - 40), Double(second))])
        }
        #expect(try home.samples(of: home.source).count == 100)
        // What is older than a minute is late.
        try home.take([(Self.time(198 - 61), 0)])
        #expect(try home.samples(of: home.source).count == 100 && home.late.count == 1)
    }

    @Test func readingsOfOneMessageDoNotMakeEachOtherLate() throws {
        let home = try LateHome(seed: 2)
        try watchAll(home)
        home.now = Self.time(100)
        try home.take(messages: [[(Self.time(30), 3), (Self.time(20), 2), (Self.time(10), 1)], [(Self.time(40), 4)]])
        #expect(try home.samples(of: home.source) == [1, 2, 3, 4])
        // Within one batch each is a message, too.
        try home.take(messages: [[(Self.time(60), 6)], [(Self.time(70), 7), (Self.time(50), 5)]])
        #expect(try home.samples(of: home.source) == [1, 2, 3, 4, 6, 7])
    }

    @Test func theFirstValueStaysAndTheNewestIsCorrected() throws {
        let home = try LateHome(seed: 3)
        try watchAll(home)
        home.now = Self.time(100)
        try home.take([(Self.time(10), 1), (Self.time(20), 2), (Self.time(20), 2.5), (Self.time(10), 1)])
        #expect(home.late.count == 0, "neither a correction of the newest nor what comes again is late")
        try home.take([(Self.time(10), 9), (Self.time(10), 8)])
        #expect(try home.samples(of: home.source) == [1, 2.5])
        #expect(home.arrivals.takeDue().isEmpty)
        let series = try #require(try home.seen(by: home.source))
        #expect(series.last?.value == 2.5)
    }

    /// By what is saved, by what the store remembers, and by both.
    @Test func whatWasPutAsideFirstStaysSoBehindARestart() throws {
        let home = try LateHome(seed: 6)
        try watchAll(home)
        home.now = Self.time(100)
        try home.take([(Self.time(10), 1), (Self.time(20), 2), (Self.time(10), 9)])
        let saved = home.late.takeUnsavedRows()
        let rows = saved.rows.compactMap { key, json in json.map { SavedRow(key: key, json: $0) } }
        #expect(saved.through == 1 && rows.count == 1)
        try home.take([(Self.time(10), 8), (Self.time(15), 3)])
        func seen(_ rows: [SavedRow], through: UInt64) throws -> [Double] {
            let next = LateReadings(patience: 0)
            #expect(next.restore(rows, of: home.store.snapshot()).isEmpty)
            #expect(next.takeUnsavedRows().through == through)
            return try home.samples(of: StoreSource(snapshot: home.store.snapshot(), late: next.moment))
        }
        #expect(try seen([], through: 3) == [1, 2])
        #expect(try seen(rows, through: 3) == [1, 2])
        home.store.lateNotesAreKept(through: saved.through)
        try home.take([(Self.time(16), 4)])
        #expect(home.store.snapshot().lateNotes.samples.count == 3)
        #expect(try seen(rows, through: 4) == [1, 2])
    }

    @Test func whatNoRuleLooksAtIsNotRemembered() throws {
        let home = try LateHome(seed: 4)
        let engine = RuleEngine()
        let text = """
            groups:
            - name: g
              query_offset: 1m
              rules:
              - {alert: Near, expr: 'x > 5'}
              - {alert: Far, expr: 'max_over_time(avg_over_time(y[1h] offset 30m)[2h:5m]) > 5'}
            """
        let file = try RuleFile.parse(text, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: home.now)
        let minute: Int64 = 60_000
        #expect(engine.reach.milliseconds(of: "x") == 16 * minute)
        #expect(engine.reach.milliseconds(of: "y") == 221 * minute)
        #expect(engine.reach.milliseconds(of: "z") == 0)
        #expect(engine.reach.longest == 221 * minute)
        home.late.follow(engine.reach)
        home.now = Self.time(10_000)
        try home.take([(Self.time(10_000), 1), (Self.time(9_900), 2), (Self.time(9_000), 3), (Self.time(1), 4)])
        #expect(home.late.count == 1)
        home.late.prune(at: Self.time(10_900), kept: Self.time(0))
        #expect(home.late.count == 0 && home.late.moment == nil)
        #expect(home.late.forgotten == 0)
        // Without rules nobody is asked.
        home.late.follow(RuleReach())
        #expect(home.late.watch(at: home.now) { _ in nil } == nil)
    }

    /// A flood keeps to its bounds, takes from who has most, and is counted.
    @Test func aFloodLeavesRoomForOthers() throws {
        let late = LateReadings(capacity: 20_000)
        func labels(_ series: SeriesRef) -> Labels {
            ["__name__": "x", "device": "d\(series.index)", "household": series.index == 0 ? "quiet" : "loud"]
        }
        let now = Self.time(1_000_000)
        func samples(_ series: UInt32, _ range: Range<Int64>) -> [LateSample] {
            range.map { LateSample(series: SeriesRef(index: series), time: Self.time($0), before: nil) }
        }
        late.note(samples(0, 0..<100), through: 100, at: now, labels: labels)
        for part in 0..<100 as Range<Int64> {
            for series in 1...4 as ClosedRange<UInt32> {
                late.note(samples(series, part * 500..<(part + 1) * 500), through: 0, at: now, labels: labels)
            }
        }
        #expect(late.count <= 20_000 && late.count > 15_000)
        #expect(late.forgotten == UInt64(200_100 - late.count))
        let moment = try #require(late.moment)
        #expect(moment.instants(of: SeriesRef(index: 0))?.times.count == 100)
        #expect(moment.instants(of: SeriesRef(index: 3))?.times.last == Self.time(49_999))
        // One series alone has its own bound.
        let alone = LateReadings()
        for part in 0..<100 as Range<Int64> {
            alone.note(samples(1, part * 2000..<(part + 1) * 2000), through: 0, at: now, labels: labels)
        }
        #expect(alone.count == LateReadings.mostOfSeries && alone.forgotten == UInt64(200_000 - alone.count))
    }

    /// The same through the store, each message in any order.
    @Test func aFloodInAStore() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let home = try LateHome(seed: seed)
        try watchAll(home)
        home.now = Self.time(300_000)
        try home.take([(home.now, 1)])
        for first in stride(from: Int64(1), through: 200_000, by: 500) {
            let message = (first..<first + 500).shuffled(using: &random)
            try home.take(messages: [message.map { (Self.time($0), 2) }])
        }
        #expect(home.late.count == LateReadings.mostOfSeries, "seed \(seed)")
        #expect(home.late.forgotten == 200_000 - UInt64(LateReadings.mostOfSeries), "seed \(seed)")
        let newest = Self.time(190_001)...home.now
        #expect(try home.seen(by: home.source)?.samples(in: newest).map(\.value) == [1], "seed \(seed)")
    }

    @Test func whatIsSavedComesBack() throws {
        let late = LateReadings()
        let now = Self.time(1_000_000)
        let labels: Labels = ["__name__": "x", "device": "tủ đông \"1\"", "household": "h"]
        let (one, nan) = (SeriesRef(index: 1), Double(bitPattern: 0x7FF8_0000_0000_0042))
        late.note(
            [
                LateSample(series: one, time: Self.time(5), before: nan),
                LateSample(series: one, time: Self.time(3), before: nil),
                LateSample(series: one, time: Self.time(9), before: 0.1),
            ], through: 3, at: now, labels: { _ in labels })
        let (changed, gone, through) = late.takeUnsaved()
        #expect(gone.isEmpty && changed.count == 1 && through == 3 && late.takeUnsaved().changed.isEmpty)
        let json = try #require(SavedLateReadings(changed[0].labels, changed[0].instants).json)
        let row = SavedRow(key: SavedLateReadings.key(of: labels), json: json)
        #expect(SavedRow.isLate(key: row.key) && SavedRow.isDispensable(key: row.key))
        let saved = try #require(SavedLateReadings(row))
        #expect(saved.series == labels && saved.instants.times == [3, 5, 9].map(Self.time))
        #expect(saved.instants.before[Self.time(5)]?.bitPattern == nan.bitPattern)
        #expect(SavedLateReadings(SavedRow(key: row.key, json: "{}")) == nil)
        // What was saved knows better what was there than what came since.
        let next = LateReadings()
        let later = LateSample(series: one, time: Self.time(9), before: 7)
        next.note([later], through: 9, at: now, labels: { _ in labels })
        next.restore([(one, saved.series, saved.instants)], through: 8)
        let instants = try #require(next.moment?.instants(of: one))
        #expect(instants.times.count == 3 && instants.before[Self.time(9)] == 0.1)
        // What nobody looks at any more is taken out, but not at once.
        next.follow(RuleReach())
        #expect(next.count == 3)
        next.prune(at: now, kept: Timestamp(milliseconds: .min))
        let after = next.takeUnsaved()
        #expect(after.changed.isEmpty && after.gone == [labels] && after.through == 9)
    }
}
