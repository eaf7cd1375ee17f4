import Foundation

/// The vertical axis: from where to where, and which round values are marked.
struct ValueAxis: Sendable, Equatable {
    struct Tick: Sendable, Equatable {
        var value: Double
        var label: String
    }

    let least: Double
    let greatest: Double
    /// From the lowest up; at least one.
    let ticks: [Tick]
    /// Digits after the point that tell one tick from the next; nil where ticks are not round.
    let decimals: Int?

    /// An axis that holds `least` and `greatest` (finite, in this order) with about `ticks` marks.
    init(least: Double, greatest: Double, ticks wanted: Int) {
        var (low, high) = (least, greatest)
        if low == high {
            // A constant: a little room on both sides, so that the line lies in the middle.
            let room = max(abs(low) * 0.05, 0.5)
            (low, high) = (low - room, high + room)
            if !low.isFinite || !high.isFinite { (low, high) = (least, greatest) }
        }
        let step = ValueAxis.roundStep(atLeast: (high - low) / Double(max(1, wanted)))
        let bottom = (low / step).rounded(.down)
        let top = (high / step).rounded(.up)
        let count = top - bottom
        guard step > 0, (bottom * step).isFinite, (top * step).isFinite, count.isFinite, count >= 1, count <= 100,
            abs(bottom) < 1e15, abs(top) < 1e15
        else {
            // The values are too close together, too large or too small for round steps: mark the ends.
            self.least = low
            self.greatest = high
            self.decimals = nil
            self.ticks = (low == high ? [low] : [low, high]).map { Tick(value: $0, label: NumberText.readable($0)) }
            return
        }
        let decimals = max(0, Int((-log10(step)).rounded(.up)))
        let values = (0...Int(count)).map { (bottom + Double($0)) * step }
        self.least = bottom * step
        self.decimals = decimals
        self.greatest = top * step
        let plain = values.map { NumberText.fixed($0, decimals: decimals) }
        let fits = plain.allSatisfy { $0.count <= 10 }
        self.ticks = zip(values, plain).map { Tick(value: $0, label: fits ? $1 : NumberText.exponential($0)) }
    }

    /// How far up `value` lies: 0 at the lower end, 1 at the upper.
    func fraction(_ value: Double) -> Double {
        // Halves first: the difference of two finite numbers need not be finite.
        let span = greatest / 2 - least / 2
        guard span > 0 else { return 0.5 }
        return min(1, max(0, (value / 2 - least / 2) / span))
    }

    /// 1, 2 or 5 times a power of ten.
    private static func roundStep(atLeast length: Double) -> Double {
        guard length > 0, length.isFinite else { return 0 }
        let power = pow(10, log10(length).rounded(.down))
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= length * (1 - 1e-9) } ?? 10 * power
    }
}
