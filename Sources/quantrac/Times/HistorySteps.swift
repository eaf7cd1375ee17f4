import Readings

/// The range of a history, and the steps into which it is folded.
struct HistorySteps: Sendable, Equatable {
    /// The first step begins behind this; the last ends at or after `end`, which is in the range. Aligned to the local clock.
    var start: Timestamp
    var end: Timestamp
    /// Now, or `end` if that is later: no reading is expected after it.
    var latest: Timestamp
    /// Milliseconds
    var step: Int64

    /// Steps are so long that there are at most `points` of them, unless `step` is given.
    ///
    /// - Throws: `tooManySteps` if the step that was given makes more points than the server answers.
    init(
        from: Timestamp, to: Timestamp, points: Int, step wanted: Int64?, clock: LocalClock
    ) throws(HistoryError) {
        let span = to.milliseconds(since: from)
        guard span > 0 else { throw .emptyRange }
        step = wanted ?? HistorySteps.shortestRoundStep(atLeast: span / Int64(max(1, points)))
        // The steps at both ends may lie partly outside the range.
        let count = span / step + 3
        guard count <= HistorySteps.mostPoints else {
            throw .tooManySteps(
                least: HistorySteps.shortestRoundStep(atLeast: span / (HistorySteps.mostPoints - 3) + 1))
        }
        let wall = clock.wall(at: from)
        let excess = wall.milliseconds - LocalClock.floored(wall.milliseconds, to: step)
        start = from.advanced(byMilliseconds: -excess)
        end = to
        latest = max(to, clock.now)
    }

    /// Prometheus's limit is 11,000; a little less, for the ends.
    private static let mostPoints: Int64 = 10_900
    private static let second: Int64 = 1000
    private static let day: Int64 = 86_400_000
    private static let roundSteps: [Int64] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map { $0 * second }
        + [1, 2, 7, 14, 30, 91, 182, 365].map { $0 * day }

    private static func shortestRoundStep(atLeast milliseconds: Int64) -> Int64 {
        roundSteps.first { $0 >= milliseconds } ?? LocalClock.floored(milliseconds, to: day) + day
    }
}

/// Why a history cannot be asked for.
enum HistoryError: Error, Equatable {
    /// It ends before it begins.
    case emptyRange
    /// The step is too short for the range; `least` milliseconds would do.
    case tooManySteps(least: Int64)
}
