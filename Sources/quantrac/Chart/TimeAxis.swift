import Readings

/// The horizontal axis: which local times are marked, and where.
struct TimeAxis: Sendable {
    struct Tick: Sendable, Equatable {
        /// Character column, from 0
        var column: Int
        /// Where the label begins
        var labelColumn: Int
        var label: String
    }

    /// From left to right; labels neither touch each other nor leave the axis.
    let ticks: [Tick]

    /// - Parameter columns: how many characters the axis is long.
    init(from start: Timestamp, to end: Timestamp, columns: Int, clock: LocalClock, texts: Texts) {
        let span = end.milliseconds(since: start)
        guard span > 0, columns > 0 else {
            ticks = []
            return
        }
        // Thirteen columns for each label: enough for the longest, and not crowded.
        let wanted = span / Int64(max(1, columns / 13))
        let step = TimeAxis.roundSteps.first { $0 >= wanted } ?? TimeAxis.longestStep
        var ticks: [Tick] = []
        var free = 0
        var wall = LocalClock.floored(clock.wall(at: start).milliseconds, to: step)
        for _ in 0...columns {
            let time = clock.instant(ofWall: Timestamp(milliseconds: wall))
            if time > end { break }
            if time >= start {
                let fraction = Double(time.milliseconds(since: start)) / Double(span)
                let column = min(columns - 1, Int(fraction * Double(columns)))
                let label = TimeAxis.label(wall: Timestamp(milliseconds: wall), step: step, texts: texts)
                let width = DisplayWidth.of(label)
                let labelColumn = max(0, column - width / 2)
                if labelColumn >= free, labelColumn + width <= columns {
                    ticks.append(Tick(column: column, labelColumn: labelColumn, label: label))
                    free = labelColumn + width + 1
                }
            }
            let (next, overflow) = wall.addingReportingOverflow(step)
            if overflow { break }
            wall = next
        }
        self.ticks = ticks
    }

    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000
    private static let longestStep = 3650 * day
    private static let roundSteps: [Int64] =
        [1000, 2000, 5000, 10_000, 15_000, 30_000]
        + [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map { $0 * minute }
        + [1, 2, 7, 14, 30, 60, 91, 182, 365, 730, 1825].map { $0 * day }

    /// The time of day, or the date at midnight and where steps are whole days; with the year from a month on.
    private static func label(wall: Timestamp, step: Int64, texts: Texts) -> String {
        let text = wall.rfc3339.dropLast(5)
        if step >= 30 * day { return String(text.dropLast(9)) }
        if wall.milliseconds % day == 0 {
            let civil = CivilTime(utc: wall)
            return texts(.dayAndMonth(day: civil.day, month: civil.month))
        }
        return String(step < minute ? text.suffix(8) : text.suffix(8).dropLast(3))
    }
}
