import Foundation
import TestSupport

/// How sensors speak in real life, drawn from a seed: times in seconds, ascending, within `days`.
struct FleetLife {
    var random: SeededGenerator
    var days = 365

    private var end: Double { Double(days) * FleetLife.day }
    static let day = 86_400.0
    static let hour = 3_600.0

    init(seed: UInt64, days: Int = 365) {
        random = SeededGenerator(seed: seed)
        self.days = days
    }

    /// Every `period` seconds, give or take a share of `jitter`; a share of `loss` does not arrive.
    mutating func periodic(every period: Double, jitter: Double, loss: Double) -> [Double] {
        var times: [Double] = []
        var next = uniform(0, period)
        while next < end {
            if uniform(0, 1) >= loss { times.append(next + uniform(-jitter, jitter) * period) }
            next += period
        }
        return times
    }

    /// When what it measures has changed, by day more often than by night, and after `longest` seconds in any case.
    mutating func onChange(atMost longest: Double, loss: Double) -> [Double] {
        var times: [Double] = []
        var next = 0.0
        while next < end {
            let hour = next.truncatingRemainder(dividingBy: FleetLife.day) / FleetLife.hour
            let mean = (7..<23).contains(hour) ? 900.0 : 5_400
            next += min(10 - log(1 - uniform(0, 1)) * mean, longest * uniform(0.99, 1.01))
            if uniform(0, 1) >= loss { times.append(next) }
        }
        return times
    }

    /// When a household is away: some weekends, and two journeys a year.
    mutating func journeys() -> [ClosedRange<Double>] {
        var spans: [ClosedRange<Double>] = []
        for week in 0..<days / 7 where uniform(0, 1) < 0.15 {
            let friday = Double(week * 7 + 4) * FleetLife.day + 18 * FleetLife.hour
            spans.append(friday...friday + uniform(1.5, 2.2) * FleetLife.day)
        }
        for _ in 0..<max(1, days * 2 / 365) {
            let start = uniform(0, Double(days)) * FleetLife.day
            spans.append(start...start + uniform(5, 13) * FleetLife.day)
        }
        return spans
    }

    /// What people set off at home: by day, more on some days than on others, and never while they are away.
    mutating func people(perDay mean: Double, away: [ClosedRange<Double>] = []) -> [Double] {
        activity(mean, from: 6.5, to: 22.5) { _ in true }.filter { time in !away.contains { $0.contains(time) } }
    }

    /// What people set off at work: five days a week, save holidays.
    mutating func office(perDay mean: Double) -> [Double] {
        let holidays = Set((0..<days).filter { _ in uniform(0, 1) < 0.03 })
        return activity(mean, from: 8, to: 18) { $0 % 7 < 5 && !holidays.contains($0) }
    }

    private mutating func activity(
        _ mean: Double, from first: Double, to last: Double, isOpen: (Int) -> Bool
    ) -> [Double] {
        var times: [Double] = []
        for day in 0..<days where isOpen(day) {
            let start = (Double(day) * 24 + first + uniform(-1, 1)) * FleetLife.hour
            let end = (Double(day) * 24 + last + uniform(-1, 1)) * FleetLife.hour
            let rate = mean * uniform(0.4, 1.6) / (end - start)
            var next = start
            while true {
                next += -log(1 - uniform(0, 1)) / rate
                guard next < end else { break }
                times.append(next)
            }
        }
        return times
    }

    mutating func uniform(_ low: Double, _ high: Double) -> Double { Double.random(in: low..<high, using: &random) }
}
