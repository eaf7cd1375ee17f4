import PromQL
import Readings

/// Spans of time in which nobody is at home, in seconds, ascending, none of them within another.
struct Absences {
    private(set) var spans: [ClosedRange<Double>] = []

    init() {}

    /// Spans that may overlap, in any order.
    init(_ spans: [ClosedRange<Double>]) {
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = self.spans.last, span.lowerBound <= last.upperBound {
                self.spans[self.spans.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
            } else {
                self.spans.append(span)
            }
        }
    }

    /// As the rules find them: all sensors that speak for people are silent for longer than two thirds of the shortest limit.
    init(of sensors: [SampleSeries], _ limits: [String: [LearnedLimits.Step]]) {
        let ofPeople = limits.mapValues { $0.filter(\.isOfPeople) }.filter { !$0.value.isEmpty }
        let heard = sensors.filter { ofPeople[$0.labels["device"] ?? ""] != nil }
            .flatMap { $0.samples.map(\.time.secondsSince1970) }.sorted()
        for (before, after) in zip(heard, heard.dropFirst()) where after - before > 3_600 {
            let known = ofPeople.values.compactMap { steps in steps.last { $0.time <= before }?.limit }
            guard known.count >= 2, let shortest = known.min(), before + shortest * 2 / 3 < after else { continue }
            spans.append(before + shortest * 2 / 3...after)
        }
    }

    /// How much of a time is within the spans.
    func seconds(from start: Double, to end: Double) -> Double {
        spans.reduce(0) { $0 + max(0, min($1.upperBound, end) - max($1.lowerBound, start)) }
    }

    /// When so many seconds outside of the spans have passed since `start`.
    func end(of seconds: Double, from start: Double) -> Double {
        var end = start + seconds
        for span in spans where span.upperBound > start && span.lowerBound < end {
            end += span.upperBound - max(span.lowerBound, start)
        }
        return end
    }
}
