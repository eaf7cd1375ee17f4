import Readings

/// At which instants a history is asked for, and into how many steps it is folded.
///
/// An instant selector looks five minutes back (Prometheus's lookback). A step longer than that would miss readings, so
/// the server is asked at finer instants, and `HistoryFold` joins them to steps here.
struct HistorySteps: Sendable, Equatable {
    /// The first step ends here; the last ends at or after `end`. Aligned to the local clock.
    var start: Timestamp
    var end: Timestamp
    /// Milliseconds
    var step: Int64
    /// Milliseconds between the instants that the server is asked for; at most `step`.
    var sampling: Int64

    /// Steps are so long that there are at most `points` of them, unless `step` is given.
    ///
    /// - Parameter perStep: how many instants to ask for in each step if that is possible, so that minimum and maximum
    ///   of a step mean something.
    /// - Throws: `tooManySteps` if the step that was given makes more points than the server answers.
    init(
        from: Timestamp, to: Timestamp, points: Int, step wanted: Int64?, perStep: Int64 = 1, clock: LocalClock
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
        var fineness = max(perStep, (step + HistorySteps.lookback - 1) / HistorySteps.lookback)
        fineness = max(1, min(fineness, HistorySteps.mostPoints / count, step / 1000))
        // Rounded up: rounded down it would ask for more than the limit.
        sampling = (step + fineness - 1) / fineness
        let wall = clock.wall(at: from)
        let excess = wall.milliseconds - LocalClock.floored(wall.milliseconds, to: step)
        start = from.advanced(byMilliseconds: -excess)
        end = to
    }

    /// The first instant to ask for: the begin of the first step does not belong to it.
    var firstInstant: Timestamp {
        start.advanced(byMilliseconds: sampling - step)
    }

    /// Prometheus's limit is 11,000; a little less, for the ends.
    private static let mostPoints: Int64 = 10_900
    private static let lookback: Int64 = 300_000
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
