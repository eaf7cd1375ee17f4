import PromQL
import Readings

/// Counts when a fleet's sensors would be missed, by what was learned of them.
struct SilenceTally: CustomStringConvertible {
    /// Seconds: what was before is not counted.
    private let start: Double
    private(set) var years = 0.0
    private(set) var falseAlarms = 0
    private(set) var notFound = 0
    private var delays: [(usual: Double, median: Double)] = []
    private var inTime = 0
    /// Evaluations every fifteen seconds, and the alert's `for`.
    private static let wait = 75.0

    init(from start: Double = 0) { self.start = start }

    var falseAlarmsPerYear: Double { Double(falseAlarms) / years }
    /// The share of the dead that were found within three usual gaps, or, where these are short, a minute after 2.5 of them.
    var foundInTime: Double { Double(inTime) / Double(delays.count) }

    var description: String {
        let usual = delays.map(\.usual).sorted()
        let median = delays.map(\.median).sorted()
        func rounded(_ value: Double?) -> Double { ((value ?? .nan) * 100).rounded() / 100 }
        return "\(rounded(years)) sensor-years, \(falseAlarms) false alarms (\(rounded(falseAlarmsPerYear)) a year), "
            + "found after \(rounded(usual.isEmpty ? nil : usual[usual.count / 2])) usual gaps, \(rounded(usual.last)) at most "
            + "(\(rounded(foundInTime * 100)) % within 3, \(rounded(median.isEmpty ? nil : median[median.count / 2])) median gaps), \(notFound) not found"
    }

    /// - Parameters:
    ///   - absences: when the rules take it that nobody is at home.
    ///   - away: when nobody is, so that nobody can find anything.
    mutating func add(
        _ sensor: SampleSeries, steps: [LearnedLimits.Step], absences: Absences = Absences(),
        away: Absences = Absences(), dies: Bool = true
    ) {
        let times = sensor.samples.map(\.time.secondsSince1970)
        guard let first = times.first, let last = times.last, times.count > 2 else { return }
        years += (last - max(first, start)) / (365 * 86_400)
        let shortest = steps.map(\.limit).min() ?? .infinity
        for (before, after) in zip(times, times.dropFirst()) where before >= start && after - before > shortest {
            let missed = SilenceTally.missed(since: before, until: after, steps, absences)
            if let missed, missed < after { falseAlarms += 1 }
        }
        guard dies else { return }
        // What is learned of its last hour counts.
        let usual = steps.last { $0.time <= last + 3_600 }?.usualGap ?? .nan
        guard let missed = SilenceTally.missed(since: last, until: .infinity, steps, absences) else {
            notFound += 1
            return
        }
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }.sorted()
        let due = max(3 * usual, 2.5 * usual + SilenceTally.wait, 180 + SilenceTally.wait)
        let delay = missed - last - away.seconds(from: last, to: missed)
        if delay <= due + 1 { inTime += 1 }
        delays.append((delay / usual, delay / gaps[gaps.count / 2]))
    }

    /// When a sensor that spoke last at `start` is missed, evaluated every fifteen seconds and after a minute of waiting.
    private static func missed(
        since start: Double, until end: Double, _ steps: [LearnedLimits.Step], _ absences: Absences
    ) -> Double? {
        let first = (steps.firstIndex { $0.time > start } ?? steps.count) - 1
        for index in max(0, first)..<max(0, first, steps.count) {
            let step = steps[index]
            // What was learned counts for two days.
            let until = min(end, index + 1 < steps.count ? steps[index + 1].time : step.time + 2 * 86_400)
            let due = step.isOfPeople ? absences.end(of: step.limit, from: start) : start + step.limit
            if max(step.time, due) + wait < until { return max(step.time, due) + wait }
        }
        return nil
    }
}
