import PromQL
import Readings
import RingStore
import TestSupport
import Testing

@testable import quantracd

/// A ring that has written over most of its readings, beside all of them in memory.
@Suite struct TiersAnswerQueries {
    private static let series = 4
    private static let start: Int64 = 1_700_000_000_000

    private struct Filled {
        let directory: TemporaryDirectory
        let store: StoreSource
        let model: MemorySeriesSource
        /// The first and the last instant of a reading.
        let range: ClosedRange<Timestamp>
        /// From here on readings are still kept one by one.
        let rawSince: Timestamp
    }

    /// - Parameter cadence: milliseconds between two readings.
    private func filled(seed: UInt64, cadence: Int64) throws -> Filled {
        let directory = try TemporaryDirectory()
        let (store, writer) = try RingStore.open(
            directory: try POSIXDirectory(path: directory.path + "/store"),
            options: StoreOptions(
                diskBudget: StoreOptions.leastDiskBudget, memoryBudget: StoreOptions.leastMemoryBudget))
        var random = SeededGenerator(seed: seed)
        let labels: [Labels] = (0..<Self.series).map {
            ["__name__": "power", "device": "plug-\($0)", "household": "home"]
        }
        var refs: [SeriesRef] = []
        for one in labels {
            if case .series(let ref) = writer.register(SeriesDescriptor(labels: one, unit: "W")) { refs.append(ref) }
        }
        var samples: [[Sample]] = Array(repeating: [], count: Self.series)
        var now = Self.start
        while store.statistics.evictedSegments < 60 {
            var batch = Batch()
            for _ in 0..<500 {
                // Every eighth reading lies on the full second, so that some lie on edges of minutes and hours.
                now += cadence + Int64(random.next() % 400) - 200
                if random.next() % 8 == 0 { now += cadence - now % cadence }
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: now))
                for (index, ref) in refs.enumerated() {
                    let value = Double(random.next() % 1_000_000) / 100
                    batch.add(ref, value)
                    samples[index].append(Sample(time: Timestamp(milliseconds: now), value: value))
                }
            }
            _ = try writer.append(batch)
        }
        try writer.close()
        var model = MemorySeriesSource()
        for (one, labels) in zip(samples, labels) { model.add(labels, one) }
        let snapshot = store.snapshot()
        let raw = try #require(snapshot.coverage.first { $0.step == nil })
        print("seed \(seed): \(samples[0].count) readings a series, coverage \(snapshot.coverage)")
        return Filled(
            directory: directory, store: StoreSource(snapshot: snapshot), model: model,
            range: Timestamp(milliseconds: Self.start)...Timestamp(milliseconds: now), rawSince: raw.oldest)
    }

    private func matrix(
        _ query: String, _ from: Timestamp, _ to: Timestamp, step: Int64, _ source: any SeriesSource
    ) throws -> (series: [RangeSeries], infos: [String]) {
        let answer = try Query(query).range(from: from, to: to, stepMilliseconds: step, source: source)
        guard case .matrix(let series) = answer.value else { return ([], answer.infos) }
        return (series, answer.infos)
    }

    private func differences(_ found: [RangeSeries], _ expected: [RangeSeries]) -> [String] {
        guard found.map(\.labels) == expected.map(\.labels) else { return ["other series"] }
        var out: [String] = []
        for (a, b) in zip(found, expected) {
            if a.samples.map(\.time) != b.samples.map(\.time) { out.append("\(a.labels): other times") }
            for (x, y) in zip(a.samples, b.samples) where abs(x.value - y.value) > 1e-12 * abs(y.value) {
                out.append("\(a.labels) at \(x.time.rfc3339): \(x.value) instead of \(y.value)")
            }
        }
        return out
    }

    @Test(arguments: [501, 502] as [UInt64]) func exactlyInWholeMinutesAndHours(seed: UInt64) throws {
        let filled = try filled(seed: seed, cadence: 5000)
        let hour: Int64 = 3_600_000
        let first = Timestamp(milliseconds: (filled.range.lowerBound.milliseconds / hour + 2) * hour)
        let last = Timestamp(milliseconds: filled.range.upperBound.milliseconds / hour * hour)
        #expect(filled.rawSince.milliseconds(since: first) > 10 * hour, "readings are gone")
        for function in ["avg", "sum", "count", "min", "max", "first", "last"] {
            for (window, step) in [("1h", hour), ("2h", hour), ("3h", 2 * hour), ("1h", 24 * hour)] {
                let query = "\(function)_over_time(power[\(window)])"
                let (found, infos) = try matrix(query, first, last, step: step, filled.store)
                let expected = try matrix(query, first, last, step: step, filled.model).series
                let wrong = differences(found, expected)
                #expect(wrong.isEmpty, "seed \(seed), \(query) by \(step): \(wrong.count), \(wrong.prefix(3))")
                #expect(infos.isEmpty, "\(infos)")
            }
        }
        // Where readings are still there, edges may lie anywhere.
        let raw = filled.rawSince.advanced(byMilliseconds: 2 * hour + 12_345)
        for query in ["avg_over_time(power[1h])", "min_over_time(power[7m])", "power", "delta(power[10m])"] {
            let found = try matrix(query, raw, last, step: 420_000, filled.store)
            let wrong = differences(found.series, try matrix(query, raw, last, step: 420_000, filled.model).series)
            #expect(wrong.isEmpty && found.infos.isEmpty, "seed \(seed), \(query): \(wrong.count), \(wrong.prefix(3))")
        }
    }

    /// Buckets of the coarsest tier that gives the exact answer, and the answer says so.
    @Test func statsNameTheTier() throws {
        let filled = try filled(seed: 504, cadence: 5000)
        let hour: Int64 = 3_600_000
        let last = Timestamp(milliseconds: filled.range.upperBound.milliseconds / hour * hour)
        let first = last.advanced(byMilliseconds: -9 * hour)
        func stats(_ query: String, step: Int64) throws -> QueryStats {
            try Query(query).range(from: first, to: last, stepMilliseconds: step, source: filled.store).stats
        }
        let hourly = try stats("avg_over_time(power[1h])", step: hour)
        #expect(hourly.bucketsRead == [hour: 10 * Self.series])
        #expect(hourly.samplesRead == 10 * Self.series)
        let minutely = try stats("max_over_time(power[10m])", step: 600_000)
        #expect(minutely.bucketsRead == [60_000: (9 * 6 + 1) * Self.series])
        #expect(try stats("avg_over_time(power[90s])", step: 45_000).bucketsRead.isEmpty)
    }

    /// At whole minutes, as far back as minutes are kept, a selector tells the reading that it would have told; before, that of
    /// the hour; and the answer says so.
    @Test func theLastOfABucketStandsForItsReadings() throws {
        let filled = try filled(seed: 503, cadence: 1000)
        let minutes = try #require(filled.store.snapshot.coverage.first { $0.step == 60_000 })
        let hour: Int64 = 3_600_000
        let from = Timestamp(milliseconds: (minutes.oldest.milliseconds / hour + 2) * hour)
        let to = Timestamp(milliseconds: filled.range.upperBound.milliseconds / hour * hour)
        #expect(filled.rawSince.milliseconds(since: from) > hour, "readings are gone that minutes tell")
        let found = try matrix("power", from, to, step: 60_000, filled.store)
        let wrong = differences(found.series, try matrix("power", from, to, step: 60_000, filled.model).series)
        #expect(wrong.isEmpty, "\(wrong.count), \(wrong.prefix(3))")
        #expect(found.infos.count == 1 && found.infos[0].contains("the last of each 60 s"), "\(found.infos)")

        // Of a reading every five seconds minutes are not kept as long as readings.
        let slow = try self.filled(seed: 504, cadence: 5000)
        let early = Timestamp(milliseconds: (slow.range.lowerBound.milliseconds / hour + 2) * hour)
        let late = Timestamp(milliseconds: slow.range.upperBound.milliseconds / hour * hour)
        let old = try matrix("power", early, late, step: 1_800_000, slow.store)
        let expected = try matrix("power", early, late, step: 1_800_000, slow.model).series
        #expect(old.series.map { $0.samples.count } == expected.map { $0.samples.count }, "no gaps")
        #expect(old.infos.count == 1 && old.infos[0].contains("the last of each 3600 s"), "\(old.infos)")
        for (a, b) in zip(old.series, expected) {
            for (x, y) in zip(a.samples, b.samples) where x.time.milliseconds % hour == 0 {
                #expect(x.value == y.value)
            }
        }
    }
}
