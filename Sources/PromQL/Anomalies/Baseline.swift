import Glibc

/// The hours before an hour, and what they make usual in it.
struct Baseline {
    private let hours: ArraySlice<HourOfHistory>
    private let hour: Int64
    /// Those of `hours` that tell what is usual: what is being judged is no part of it, where there is enough without it.
    private let past: ArraySlice<HourOfHistory>
    private let cycle: DayCycle

    /// How many hours it takes at least.
    static let fewestHours = 24
    /// The hours that are judged together with the one in progress.
    private static let lastHours = 6

    /// - Parameter hours: ascending, all of them before `hour`. Nil where they are too few.
    init?(_ hours: ArraySlice<HourOfHistory>, hour: Int64) {
        guard hours.count >= Baseline.fewestHours else { return nil }
        self.hours = hours
        self.hour = hour
        let isEnough = hours.count >= Baseline.fewestHours + Baseline.lastHours
        past = hours.dropLast(isEnough ? Baseline.lastHours : 0)
        cycle = DayCycle(past)
    }

    /// What the mean of an hour like this one usually is.
    var value: Double { cycle.usual(past.map(\.mean), at: hour).centre }

    /// Between which values readings in an hour like this one usually lie.
    var band: Band {
        func usual(_ figure: (HourOfHistory) -> Double) -> Usual {
            cycle.usual(past.map(figure), at: hour).widened { Baseline.room(at: $0) }
        }
        return Band(least: usual(\.least), greatest: usual(\.greatest))
    }

    /// The same, told from the mean of the hour before and from how far readings usually are from that: narrower where a
    /// value wanders from week to week. Nil where that hour is not there.
    var bandAfterLastHour: Band? {
        guard let last = hours.last, last.number == hour - 1 else { return nil }
        let steps = zip(hours, hours.dropFirst())
        let cycle = DayCycle(hours.dropFirst())
        func usual(_ figure: (HourOfHistory) -> Double) -> Usual {
            cycle.usual(steps.map { before, hour in figure(hour) - before.mean }, at: hour)
                .widened { _ in Baseline.room(at: last.mean) }.moved(by: last.mean)
        }
        return Band(least: usual(\.least), greatest: usual(\.greatest))
    }

    /// A value that is nearly constant may move by a little before that is worth a word.
    private static func room(at value: Double) -> Double { 0.025 * value.magnitude }

    /// Between which values readings usually lie, and how far outside one lies.
    struct Band {
        fileprivate let least: Usual
        fileprivate let greatest: Usual

        var low: Double { least.centre - least.reach }
        var high: Double { greatest.centre + greatest.reach }

        /// 1 at the edges, 0 between the usual extremes.
        func score(_ value: Double) -> Double {
            max(
                Baseline.score(value - greatest.centre, reach: greatest.reach),
                Baseline.score(least.centre - value, reach: least.reach))
        }
    }

    // MARK: Whole hours

    /// A shift that is too small for a single reading shows in the mean of three hours.
    var levelScore: Double {
        score(
            together(3) { part in part.reduce(0) { $0 + $1.mean / Double(part.count) } },
            room: Baseline.room, { $0.magnitude })
    }

    /// A sensor that hangs is within what is usual, but moves less in six hours than it ever did. Orders of magnitude are
    /// compared, since doubling means the same for any sensor.
    var stillnessScore: Double {
        var means = hours.map { $0.mean.magnitude }
        let least = 0.001 * Selection.median(&means) + 1e-9
        return score(
            together(Baseline.lastHours) { part in
                let greatest = part.reduce(-Double.infinity) { max($0, $1.greatest) }
                let smallest = part.reduce(Double.infinity) { min($0, $1.least) }
                return log(min(greatest - smallest, .greatestFiniteMagnitude) + least)
            }, room: { _ in 0.13 }, { -$0 })
    }

    /// `figure` of each hour together with those before it, `count` at the most.
    private func together(_ count: Int, _ figure: (ArraySlice<HourOfHistory>) -> Double) -> [Double] {
        hours.indices.map { index in figure(hours[max(hours.startIndex, index - count + 1)...index]) }
    }

    /// How far the last of `figures` lies from what those before it make usual.
    private func score(_ figures: [Double], room: (Double) -> Double, _ side: (Double) -> Double) -> Double {
        guard let last = figures.last, let lastHour = hours.last?.number else { return 0 }
        let usual = cycle.usual(figures.prefix(past.count), at: lastHour)
        return Baseline.score(side(last - usual.centre), reach: usual.reach + room(usual.centre))
    }

    /// How often `reach` goes into `distance`, from 0 to 100.
    private static func score(_ distance: Double, reach: Double) -> Double {
        guard distance > 0 else { return 0 }
        let score = distance / reach
        return score.isNaN ? 0 : min(100, score)
    }
}
