import Readings

/// The least or the greatest value of windows that slide over the samples of a series, without looking at all of each window again.
struct SlidingExtreme {
    private let isLeast: Bool
    /// Those that are the extreme of all behind them: of equal ones the first comes first. They begin at `head`.
    private var candidates: [Sample] = []
    private var head = 0
    private var newest: Timestamp?

    /// Nil if the function is neither of both.
    init?(_ function: FoldedFunction?) {
        switch function {
        case .least: isLeast = true
        case .greatest: isLeast = false
        default: return nil
        }
    }

    /// Whether `a` comes before `b`, as `min_over_time` and `max_over_time` have it.
    func isBetter(_ a: Double, _ b: Double) -> Bool { b.isNaN || (isLeast ? a < b : a > b) }

    /// - Parameter window: with at least one sample; neither of its edges lies before the last one's.
    mutating func value(of window: Span<Sample>) -> Double {
        var first = window.count
        while first > 0, newest.map({ window[first - 1].time > $0 }) ?? true { first -= 1 }
        for index in first..<window.count where !window[index].value.isNaN {
            while candidates.count > head, let last = candidates.last, isBetter(window[index].value, last.value) {
                candidates.removeLast()
            }
            candidates.append(window[index])
        }
        newest = window[window.count - 1].time
        while head < candidates.count, candidates[head].time < window[0].time { head += 1 }
        if head > 64, head * 2 > candidates.count {
            candidates.removeFirst(head)
            head = 0
        }
        // Nothing but NaN.
        guard head < candidates.count else { return window[window.count - 1].value }
        return candidates[head].value
    }
}
