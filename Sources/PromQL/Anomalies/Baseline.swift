import Glibc

/// The hours before an hour, and what they make usual in it.
struct Baseline {
    private let hours: ArraySlice<HourOfHistory>
    private let hour: Int64
    private let cycle: DayCycle
    /// How far the hours' means usually are from 0.
    private let magnitude: Double

    /// How many hours it takes at least.
    static let fewestHours = 24
    /// A day is judged together with the hour in progress, and is no part of what is usual: what is odd must not become usual
    /// while it goes on. Of a short history the newest quarter is.
    private static let judgedHours = 24
    private static let judgedShare = 4

    /// - Parameter hours: ascending, all of them before `hour`. Nil where they are too few.
    init?(_ hours: ArraySlice<HourOfHistory>, hour: Int64) {
        guard hours.count >= Baseline.fewestHours else { return nil }
        self.hours = hours
        self.hour = hour
        cycle = DayCycle(hours.dropLast(min(Baseline.judgedHours, hours.count / Baseline.judgedShare)))
        var means = hours.map { $0.mean.magnitude }
        magnitude = Selection.median(&means)
    }

    /// What the mean of an hour like this one usually is.
    var value: Double { cycle.centres(hours.map(\.mean))[hour] }

    // MARK: The hour in progress

    /// Up to where readings in an hour like this one usually come.
    var high: Comparison {
        compare(hours.map(\.greatest), .above, room: Baseline.room)
    }

    /// Down to where they do.
    var low: Comparison {
        compare(hours.map(\.least), .below, room: Baseline.room)
    }

    /// `high` and `low` told from the mean of the hour before and from how far readings usually are from that: narrower where a
    /// value wanders from week to week. Nil where that hour is not there.
    var afterLastHour: (low: Comparison, high: Comparison)? {
        guard let last = hours.last, last.number == hour - 1 else { return nil }
        func steps(_ figure: (HourOfHistory) -> Double) -> [Double] {
            var before = hours.first?.mean ?? 0
            return hours.map { hour in
                defer { before = hour.mean }
                return figure(hour) - before
            }
        }
        let room = Baseline.room(at: last.mean)
        return (
            compare(steps(\.least), .below) { _ in room }.moved(by: last.mean),
            compare(steps(\.greatest), .above) { _ in room }.moved(by: last.mean)
        )
    }

    /// How far readings usually move within an hour.
    var movement: Comparison {
        let room = Baseline.room(at: magnitude)
        return compare(hours.map { $0.greatest - $0.least }, .above, oddDays: Baseline.oddDays / 2) { _ in room }
    }

    // MARK: Whole hours

    /// A shift that is too small for a single reading shows in the mean of three hours.
    var level: Comparison {
        compare(
            together(3) { part in part.reduce(0) { $0 + $1.mean / Double(part.count) } }, .either,
            isWhole: true, room: Baseline.room)
    }

    /// A sensor that hangs is within what is usual, but moves less in twelve hours than it usually does. Orders of magnitude
    /// are compared: halving means the same for any sensor.
    var stillness: Comparison {
        let leastMovement = 0.001 * magnitude + 1e-9
        return compare(
            together(12) { part in
                let least = part.reduce(.infinity) { min($0, $1.least) }
                let greatest = part.reduce(-.infinity) { max($0, $1.greatest) }
                return log(min(greatest - least, .greatestFiniteMagnitude) + leastMovement)
            }, .below, isWhole: true, oddDays: Baseline.oddDays / 2, room: { _ in Baseline.logarithmicRoom })
    }

    /// `figure` of each hour together with those before it, `count` at the most.
    private func together(_ count: Int, _ figure: (ArraySlice<HourOfHistory>) -> Double) -> [Double] {
        hours.indices.map { index in figure(hours[max(hours.startIndex, index - count + 1)...index]) }
    }

    // MARK: Comparing

    /// A value that is nearly constant may move by a little before that is worth a word.
    private static func room(at value: Double) -> Double { 0.025 * value.magnitude }
    private static let logarithmicRoom = 0.13
    /// On one day in five a figure may be farther from its centre than is usual; where movement is compared, on one in ten.
    private static let oddDays = 0.2

    /// What is usual for `figures`, one for each hour, in the hour in progress; or in the last whole one, which is compared then.
    private func compare(
        _ figures: [Double], _ side: Comparison.Side, isWhole: Bool = false, oddDays: Double = Baseline.oddDays,
        room: (_ centre: Double) -> Double
    ) -> Comparison {
        let centres = cycle.centres(figures)
        let distances = zip(figures, hours).map { side.distance($0 - centres[$1.number]) }
        let compared = isWhole ? hours.count - 1 : hours.count
        let centre = centres[isWhole ? hours[hours.startIndex + compared].number : hour]
        var before = -Double.infinity
        var place = compared - 1
        while place >= 0, hours[hours.startIndex + place].number >= hour - Int64(Baseline.judgedHours) {
            before = max(before, distances[place])
            place -= 1
        }
        return Comparison(
            centre: centre, reach: cycle.reach(distances, withoutOddest: oddDays) + room(centre), side: side,
            last: distances.last ?? 0, before: before)
    }
}
