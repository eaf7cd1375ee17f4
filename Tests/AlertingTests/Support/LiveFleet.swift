import Alerting
import PromQL
import Readings
import Synchronization
import TestSupport

/// The engine over sensors' readings as time goes on, evaluation by evaluation, as the daemon does it.
final class LiveFleet: SeriesSource, SampleSink {
    private let fleet: FleetSource
    /// What is nobody's is given to a household, as in the daemon.
    private let engine = RuleEngine(completing: { $0.household.isEmpty ? $0.setting("household", to: "home") : $0 })
    private let written = Mutex<[Labels: SampleSeries]>([:])
    /// Milliseconds by which the sensors' readings come after their time.
    private let delay: Int64

    init(_ fleet: FleetSource, rules: String, delay: Int64 = 0) throws {
        self.fleet = fleet
        self.delay = delay
        let file = try RuleFile.parse(rules, path: "s.yaml")
        _ = engine.load([RuleFileResult(path: "s.yaml", result: .success(file))], at: .seconds(0))
    }

    /// Alerts that begin and cease to fire, as `hour +name{device}` and `hour -name{device}`.
    ///
    /// - Parameter away: hours in which the daemon does not run.
    func run(hours: Double, away: [ClosedRange<Double>] = []) -> [String] {
        var ticks = engine.groups.map { ($0.id, engine.nextTick(of: $0, after: .seconds(0))) }
        var told: [String] = []
        while let index = ticks.indices.min(by: { ticks[$0].1 < ticks[$1].1 }) {
            let (id, now) = ticks[index]
            let hour = now.secondsSince1970 / 3600
            guard hour <= hours else { break }
            if !away.contains(where: { $0.contains(hour) }) {
                for change in engine.evaluate(id, at: now, source: self, sink: self)
                where (change.from == .firing) != (change.to == .firing) {
                    told.append(LiveFleet.words(change, hour))
                }
            }
            if let group = engine.groups.first(where: { $0.id == id }) {
                ticks[index].1 = engine.nextTick(of: group, after: now)
            }
        }
        for failure in engine.groups.flatMap({ engine.failedRules(of: $0.id) }) {
            told.append("\(failure.name): \(failure.error)")
        }
        return told
    }

    private static func words(_ change: AlertTransition, _ hour: Double) -> String {
        let who = ["household", "device", "convention", "gateway"].compactMap { change.labels[$0] }.joined(
            separator: "/")
        return
            "\((hour * 10).rounded() / 10) \(change.to == .firing ? "+" : "-")\(change.labels["alertname"] ?? "")(\(who))"
    }

    func write(_ samples: [RuleSample]) {
        written.withLock { written in
            for one in samples {
                written[one.labels, default: SampleSeries(labels: one.labels, samples: [])].samples.append(one.sample)
            }
        }
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let own = written.withLock { $0.values.filter { one in matchers.allSatisfy { $0.matches(one.labels) } } }
        let heard = try fleet.series(matching: matchers, in: range)
            .map {
                RevealedSeries(base: $0, now: range.upperBound.advanced(byMilliseconds: -delay)) as any SelectedSeries
            }
        return (heard + own).sorted { $0.labels < $1.labels }
    }
}

/// A series up to an instant.
private struct RevealedSeries: SelectedSeries {
    let base: any SelectedSeries
    let now: Timestamp
    var labels: Labels { base.labels }
    var unit: String? { nil }
    var last: Sample? {
        var last: Sample?
        for days in [1, 40] as [Int64] where last == nil {
            try? base.forEachRun(in: now.advanced(byMilliseconds: -days * 86_400_000)...now) { run in
                last = run[run.count - 1]
                return true
            }
        }
        return last
    }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        guard range.lowerBound <= now else { return }
        try base.forEachRun(in: range.lowerBound...min(now, range.upperBound), body)
    }
}
