import PromQL
import Readings

/// A limit for one sensor that its history suggests: what would have rung once in thirty days at most.
public struct LimitProposal: Sendable, Equatable {
    /// The rule's alert.
    public var rule: String
    /// The sensor's labels.
    public var labels: Labels
    /// Whether the rule rings above its limit, or below.
    public var isAbove: Bool
    /// The limit that the rule has, and how often it would have rung with it, resolving at the proposal's distance.
    public var limit: Double
    public var rings: Int
    /// The limit that is proposed, where it would resolve, and how often it would have rung.
    public var proposedLimit: Double
    public var proposedClear: Double
    public var proposedRings: Int
}

/// The values of one sensor, as a rule sees them tick by tick, and what limits would have made of them.
struct LimitHistory {
    /// Turned over for a rule that rings below its limit, so that "above" is the side of the alert always.
    private let values: [Sample]
    private let sign: Double
    /// How high the value has stayed for all of the rule's `for`, tick by tick.
    private let held: [Sample]
    /// By how much the value goes up and down from tick to tick, without any cause.
    private let noise: Double

    /// - Parameter hold: the rule's `for`, in milliseconds.
    init?(_ samples: [Sample], isAbove: Bool, hold: Int64) {
        sign = isAbove ? 1 : -1
        let sign = sign
        values = samples.filter(\.value.isFinite).map { Sample(time: $0.time, value: sign * $0.value) }
        guard values.count >= LimitHistory.fewest else { return nil }
        held = LimitHistory.lowest(of: values, over: hold)
        noise = LimitHistory.noise(of: values)
        guard !held.isEmpty else { return nil }
    }

    private static let fewest = 100
    /// So many of a hundred values are usual ones.
    private static let usualPercent = 95
    /// Four standard deviations of the noise: a value that stands still comes so far by chance once in some ten thousand.
    private static let widths = 4.0
    private static let levels = 200

    /// How far below its limit an alert should resolve.
    var clearance: Double { LimitHistory.widths * noise }

    /// How often an alert above `limit` would have begun, in the rule's own sense of above.
    func rings(limit: Double) -> Int { count(sign * limit) }

    /// The lowest of the levels between what is usual and the highest that `most` rings are not exceeded at, rounded away from the
    /// values; and the level to resolve at.
    func proposal(most: Int) -> (limit: Double, clear: Double) {
        let sorted = held.map(\.value).sorted()
        // Where the sensor usually is no limit lies: it would ring once, and for ever.
        let usual = values.map(\.value).sorted()
        let floor = usual[usual.count * LimitHistory.usualPercent / 100]
        let top = max(sorted[sorted.count - 1], floor)
        let middle = max(sorted[sorted.count / 2], floor)
        let step = (top - middle) / Double(LimitHistory.levels)
        var level = top
        for index in stride(from: LimitHistory.levels - 1, through: 0, by: -1) where step > 0 {
            let next = middle + Double(index) * step
            guard count(next) <= most else { break }
            level = next
        }
        let grain = LimitHistory.grain(of: max(clearance, step, level.magnitude / 1000))
        let limit = (level / grain).rounded(.up) * grain
        let clear = min(limit, ((limit - clearance) / grain).rounded(.down) * grain)
        return (sign * limit, sign * clear)
    }

    private func count(_ limit: Double) -> Int {
        var (rings, rang, next) = (0, false, 0)
        for sample in values {
            if rang, sample.value < limit - clearance { rang = false }
            while next < held.count, held[next].time < sample.time { next += 1 }
            guard !rang, next < held.count, held[next].time == sample.time, held[next].value > limit else { continue }
            rang = true
            rings += 1
        }
        return rings
    }

    /// The lowest value of each window that is filled; a window with a hole in it is none.
    private static func lowest(of values: [Sample], over hold: Int64) -> [Sample] {
        var (held, candidates, first, begin) = ([Sample](), [Sample](), 0, values[0].time)
        for (index, sample) in values.enumerated() {
            if index > 0, sample.time.milliseconds(since: values[index - 1].time) > max(hold, 3_600_000) {
                (candidates, first, begin) = ([], 0, sample.time)
            }
            while candidates.count > first, let last = candidates.last, last.value >= sample.value {
                candidates.removeLast()
            }
            candidates.append(sample)
            let start = sample.time.advanced(byMilliseconds: -hold)
            while candidates[first].time < start { first += 1 }
            if begin <= start { held.append(Sample(time: sample.time, value: candidates[first].value)) }
        }
        return held
    }

    /// The standard deviation of what two ticks that follow each other differ by for no cause, by the middle of these differences,
    /// which no alarm moves; the smallest step of a sensor that mostly says the same.
    private static func noise(of values: [Sample]) -> Double {
        let steps = zip(values, values.dropFirst()).map { abs($1.value - $0.value) }.sorted()
        let middle = steps[steps.count / 2]
        return middle > 0 ? middle * 1.4826 / 2.0.squareRoot() : (steps.first { $0 > 0 } ?? 0) / 4
    }

    /// The power of ten below a third of `size`: what limits are rounded to.
    private static func grain(of size: Double) -> Double {
        var grain = 1e-6
        while grain * 30 <= size, grain < 1e12 { grain *= 10 }
        return grain
    }
}
