import PromQL
import Readings

/// Whether an answer is the one that is due.
enum Comparison {
    /// What is wrong with `answer`; nil if nothing is.
    static func complaint(_ answer: QueryValue, _ test: Script.Case) -> String? {
        let due = test.due
        switch answer {
        case .scalar(let sample):
            guard let wanted = due.scalar else { return "a vector or matrix is due, the answer is a scalar" }
            return isClose(sample.value, wanted) ? nil : "\(wanted) is due, the answer is \(sample.value)"
        case .string(let text, _): return text == due.string ? nil : "the answer is the string \"\(text)\""
        case .vector(let elements): return complaint(elements, due)
        case .matrix(let series): return complaint(series, test)
        }
    }

    static func complaint(_ elements: [VectorElement], _ due: Expectation) -> String? {
        if due.scalar != nil { return "a scalar is due, the answer is a vector" }
        var missing = Dictionary(due.series.enumerated().map { ($1.labels, $0) }, uniquingKeysWith: { $1 })
        for (position, element) in elements.enumerated() {
            guard let index = missing.removeValue(forKey: element.labels) else {
                return "\(element.labels) \(element.sample.value) is not due"
            }
            if due.isOrdered, index != position {
                return "\(element.labels) is due at position \(index + 1) and stands at \(position + 1)"
            }
            guard let wanted = due.series[index].values.first.flatMap({ $0 }) else {
                return "\(element.labels) is due without a value"
            }
            guard isClose(element.sample.value, wanted) else {
                return "\(element.labels): \(wanted) is due, the answer is \(element.sample.value)"
            }
        }
        return missing.keys.min().map { "\($0) is missing" }
    }

    private static func complaint(_ series: [RangeSeries], _ test: Script.Case) -> String? {
        let start: Timestamp
        let step: Int64
        switch (test.due.rangeVector, test.when) {
        case (let range?, _): (start, step) = (range.start, range.stepMilliseconds)
        case (nil, .range(let from, _, let milliseconds)): (start, step) = (from, milliseconds)
        case (nil, .instant(let time)): (start, step) = (time, 1)
        }
        if test.due.scalar != nil { return scalarComplaint(series, test.due) }
        for (one, next) in zip(series, series.dropFirst()) where one.labels >= next.labels {
            return "\(one.labels) stands before \(next.labels)"
        }
        var missing = Dictionary(test.due.series.map { ($0.labels, $0) }, uniquingKeysWith: { $1 })
        for one in series {
            guard let wanted = missing.removeValue(forKey: one.labels) else {
                return "\(one.labels) \(shown(one.samples)) is not due"
            }
            let samples = wanted.values.enumerated().compactMap { index, value in
                value.map { Sample(time: start.advanced(byMilliseconds: Int64(index) * step), value: $0) }
            }
            let agrees =
                samples.count == one.samples.count
                && zip(samples, one.samples).allSatisfy { $0.time == $1.time && isClose($0.value, $1.value) }
            if !agrees { return "\(one.labels): \(shown(samples)) is due, the answer is \(shown(one.samples))" }
        }
        return missing.keys.min().map { "\($0) is missing" }
    }

    private static func scalarComplaint(_ series: [RangeSeries], _ due: Expectation) -> String? {
        "a scalar is due, the answer is a matrix of \(series.count) series"
    }

    private static func shown(_ samples: [Sample]) -> String {
        samples.prefix(30).map { "\(FormattedValue.sample($0.value))@\($0.time.secondsSince1970)" }
            .joined(separator: " ")
    }

    /// Values agree to a millionth of their size; NaN with NaN, but not with a staleness marker.
    static func isClose(_ a: Double, _ b: Double) -> Bool {
        if StalenessMarker.isMarker(a) || StalenessMarker.isMarker(b) { return a.bitPattern == b.bitPattern }
        if a.isNaN && b.isNaN || a == b { return true }
        let tolerance = 1e-6
        let sum = a.magnitude + b.magnitude
        let difference = (a - b).magnitude
        if a == 0 || b == 0 || sum < .leastNormalMagnitude { return difference < tolerance * .leastNormalMagnitude }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    // MARK: Texts

    /// What is wrong with an answer's warnings and infos; nil if nothing is.
    static func complaint(ofNotes answer: QueryAnswer, _ due: Expectation) -> String? {
        if due.noWarnings, let text = answer.warnings.first { return "no warning is due, there is: \(text)" }
        if due.noInfos, let text = answer.infos.first { return "no info is due, there is: \(text)" }
        return complaint(answer.warnings, due.warnings, "warning") ?? complaint(answer.infos, due.infos, "info")
    }

    /// Each text must be expected, and each expectation met.
    private static func complaint(_ texts: [String], _ due: [Expectation.Text], _ kind: String) -> String? {
        guard !due.isEmpty else { return nil }
        for wanted in due where !texts.contains(where: wanted.matches) {
            return "the \(kind) \(wanted) is due, there is: \(texts)"
        }
        return texts.first { text in !due.contains { $0.matches(text) } }.map { "this \(kind) is not due: \($0)" }
    }
}

extension Expectation.Text: CustomStringConvertible {
    func matches(_ text: String) -> Bool {
        switch self {
        case .any: true
        case .exactly(let wanted): text == wanted
        case .matching(let pattern, _): pattern.matchesWhole(text)
        }
    }

    public var description: String {
        switch self {
        case .any: "of any text"
        case .exactly(let text): "\"\(text)\""
        case .matching(_, let source): "/\(source)/"
        }
    }
}
