import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Alerting

@Suite("A trial reads what is stored once, not at each of its ticks") struct SeriesHistoryTests {
    /// Counts how often it is read.
    private final class CountedSeries: SelectedSeries {
        let labels: Labels = ["__name__": "x", "device": "d"]
        let samples: [Sample]
        private let count = Atomic(0)

        init(_ samples: [Sample]) { self.samples = samples }

        var reads: Int { count.load(ordering: .relaxed) }
        var unit: String? { nil }
        var last: Sample? { samples.last }

        /// In runs of some, as a store has its chunks.
        func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
            count.add(1, ordering: .relaxed)
            let found = samples.filter { range.contains($0.time) }
            for start in stride(from: 0, to: found.count, by: 300) {
                let part = Array(found[start..<min(start + 300, found.count)])
                guard try body(part.span) else { return }
            }
        }
    }

    private struct OneSource: SeriesSource {
        let series: CountedSeries

        func series(
            matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
        ) throws -> [any SelectedSeries] {
            matchers.allSatisfy { $0.matches(series.labels) } ? [series] : []
        }
    }

    @Test func theNewestSampleAtAnyInstant() {
        var random = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        for round in 0..<30 {
            var (samples, time): ([Sample], Int64) = ([], 1_790_000_000_000)
            for index in 0..<4000 {
                let gap: [Int64] = [
                    1000, 60_000, round % 2 == 0 ? 60_000 : 3_000_000, index % 700 == 0 ? 400_000_000 : 30_000,
                ]
                time += gap.randomElement(using: &random) ?? 1000
                samples.append(Sample(time: Timestamp(milliseconds: time), value: Double(index)))
            }
            let history = SeriesHistory(CountedSeries(samples))
            var now = samples[0].time.advanced(byMilliseconds: -3_600_000)
            while let last = samples.last, now < last.time {
                let expected = samples[..<samples.partitioningIndex(where: { $0.time > now })].last
                let found = history.newest(at: now)
                #expect(found?.time == expected?.time && found?.value == expected?.value, "seed \(random.seed), \(now)")
                let step: Int64 = [1, 120_000, 7_000_000, 90_000_000, -200_000].randomElement(using: &random) ?? 1
                now = now.advanced(byMilliseconds: step)
            }
        }
    }

    @Test func aWeekOfSilenceRulesReadsADaysReadingsAFewTimes() throws {
        let minutes = (0..<7 * 1440).map { Sample(time: .seconds(Double($0 * 60)), value: 1) }
        let series = CountedSeries(minutes)
        let text = """
            groups:
            - name: g
              interval: 2m
              rules:
              - {record: heard, expr: 'max by (device) (ts_of_last_over_time(x[30d])) or heard'}
              - {alert: Silent, expr: 'time() - ts_of_last_over_time(x[30d]) > 300 unless on (device) ALERTS{alertname="other"}', for: 1m}
            """
        let outcome = try RuleTrial(RuleFile.parse(text, path: "r.yaml"), defaultIntervalMilliseconds: 15_000)
            .run(over: OneSource(series: series), from: .seconds(0), to: .seconds(7 * 86_400))
        #expect(outcome.evaluations >= 5039 && outcome.failures.isEmpty)
        #expect(series.reads < 200, "\(series.reads) reads")
    }
}
