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

    /// As the rules find them: more than half of the sensors that speak for people, two at least, have said nothing for two thirds of the
    /// shortest of their limits.
    init(of sensors: [SampleSeries], _ limits: [String: [LearnedLimits.Step]]) {
        let ofPeople = limits.mapValues { $0.filter(\.isOfPeople) }.filter { !$0.value.isEmpty }
        var words: [(time: Double, sensor: Int)] = []
        for (index, sensor) in sensors.enumerated() where ofPeople[sensor.labels["device"] ?? ""] != nil {
            words += sensor.samples.map { ($0.time.secondsSince1970, index) }
        }
        words.sort { $0.time < $1.time }
        let quorum = (ofPeople.count + 1) / 2
        let shortest = Absences.shortestLimits(Array(ofPeople.values))
        var last: [Int: Double] = [:]
        var begun: Double?
        for (place, word) in words.enumerated() {
            last[word.sensor] = word.time
            let hour = Int(word.time / 3_600)
            guard shortest.indices.contains(hour), let limit = shortest[hour] else { continue }
            // When those that have spoken will be too few; who speaks ends it, if that makes enough of them.
            let newest = last.values.sorted(by: >)
            let end = (newest.count >= quorum ? newest[quorum - 1] : word.time) + limit * 2 / 3
            if let start = begun, end > word.time {
                if word.time > start { spans.append(start...word.time) }
                begun = nil
            }
            let next = place + 1 < words.count ? words[place + 1].time : word.time
            if begun == nil, end < next { begun = max(end, word.time) }
        }
    }

    /// The shortest limit in each hour of two sensors or more.
    private static func shortestLimits(_ sensors: [[LearnedLimits.Step]]) -> [Double?] {
        let hours = sensors.compactMap { $0.last.map { Int($0.time / 3_600) } }.max() ?? 0
        var known = sensors.map { _ in 0 }
        return (0...hours).map { hour in
            var limits: [Double] = []
            for (index, steps) in sensors.enumerated() {
                while known[index] < steps.count, steps[known[index]].time <= Double(hour) * 3_600 { known[index] += 1 }
                if known[index] > 0 { limits.append(steps[known[index] - 1].limit) }
            }
            return limits.count >= 2 ? limits.min() : nil
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
