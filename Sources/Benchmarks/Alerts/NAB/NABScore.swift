import Glibc

/// The score of the Numenta Anomaly Benchmark, standard profile (Lavin and Ahmad, "Evaluating Real-time Anomaly Detection
/// Algorithms", 2015): what detections are worth, with one threshold for all files, the best one.
///
/// The first detection in a window earns the more the earlier it is, up to 1; a window without one costs 1; each detection
/// outside of windows costs up to 0.11, less shortly behind one. The first rows of a file do not count.
struct NABScore {
    /// One file's rows that count.
    private struct Row {
        var score: Double
        var worth: Double
        /// Of all files; nil outside of windows.
        var window: Int?
    }

    private var rows: [Row] = []
    private var windows = 0
    private var perfect = 0.0

    private static let falseAlarm = 0.11

    /// - Parameter windows: rows, ascending, none in two of them.
    mutating func add(scores: [Double], windows: [ClosedRange<Int>]) {
        perfect += Double(windows.count)
        let learning = min(scores.count * 15 / 100, 750)
        var next = 0
        var counted: (place: Int, number: Int)?
        for index in scores.indices {
            while next < windows.count, windows[next].upperBound < index { next += 1 }
            let isInside = next < windows.count && windows[next].contains(index)
            guard index >= learning else { continue }
            if isInside, counted?.place != next {
                counted = (next, self.windows)
                self.windows += 1
            }
            let worth =
                isInside
                ? NABScore.worth(ofDetectionAt: index, in: windows[next])
                : -NABScore.cost(ofDetectionAt: index, behind: next > 0 ? windows[next - 1] : nil)
            rows.append(Row(score: scores[index], worth: worth, window: isInside ? counted?.number : nil))
        }
    }

    /// From nearly 1 at the first row of a window to nearly 0 at the last.
    static func worth(ofDetectionAt row: Int, in window: ClosedRange<Int>) -> Double {
        sigmoid(-Double(window.upperBound - row + 1) / Double(window.count)) / sigmoid(-1)
    }

    static func cost(ofDetectionAt row: Int, behind window: ClosedRange<Int>?) -> Double {
        guard let window, window.count > 1 else { return falseAlarm }
        return -falseAlarm * sigmoid(Double(row - window.upperBound) / Double(window.count - 1))
    }

    /// From 1 far before the end of a window, which is at 0, to −1 far behind it.
    private static func sigmoid(_ position: Double) -> Double {
        position > 3 ? -1 : 2 / (1 + exp(5 * position)) - 1
    }

    /// The score at the best threshold: 0 for no detections at all, 100 for one at the begin of each window.
    func best() -> (score: Double, threshold: Double) {
        let silence = -Double(windows)
        var (raw, best, threshold) = (silence, silence, Double.infinity)
        var earned = Array(repeating: -1.0, count: windows)
        let descending = rows.sorted { $0.score > $1.score }
        for (index, row) in descending.enumerated() {
            if let window = row.window {
                let more = max(0, row.worth - earned[window])
                earned[window] += more
                raw += more
            } else {
                raw += row.worth
            }
            // Rows of the same score are detections together.
            let isLast = index + 1 == descending.count || descending[index + 1].score < row.score
            if isLast, raw > best { (best, threshold) = (raw, row.score) }
        }
        return (percent(best), threshold)
    }

    /// The score at a threshold that was chosen elsewhere: detections are the scores that are not below it.
    func score(at threshold: Double) -> Double {
        var raw = 0.0
        var earned = Array(repeating: -1.0, count: windows)
        for row in rows where row.score >= threshold {
            if let window = row.window { earned[window] = max(earned[window], row.worth) } else { raw += row.worth }
        }
        return percent(raw + earned.reduce(0, +))
    }

    private func percent(_ raw: Double) -> Double {
        let silence = -Double(windows)
        return perfect > silence ? 100 * (raw - silence) / (perfect - silence) : 0
    }
}
