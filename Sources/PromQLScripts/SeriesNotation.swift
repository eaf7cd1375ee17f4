import PromQL
import Readings

/// A series as scripts write it: labels, then values in even steps: `x{a="b"} 0+10x5 _ stale NaN`.
public struct SeriesNotation: Sendable {
    public let labels: Labels
    /// One for each step; nil where there is no sample.
    public let values: [Double?]

    /// Why a line is no series, in words.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String
        /// Whether it is one that stores of floats have no place for.
        public var isNativeHistogram = false
    }

    /// How many values one item, and one line, may stand for.
    static let maximumValues = 1_000_000

    public init(_ line: String) throws(Fault) {
        let length: Int
        do throws(PromQLError) {
            (labels, length) = try LabelSetNotation.read(line)
        } catch {
            throw Fault(description: "no series: \(error)")
        }
        let rest = line.utf8.dropFirst(length)
        let items = String(decoding: rest, as: UTF8.self)
        if items.contains("{{") { throw Fault(description: "a native histogram", isNativeHistogram: true) }
        var values: [Double?] = []
        for item in items.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            try SeriesNotation.read(item, into: &values)
        }
        self.values = values
    }

    private static func read(_ item: Substring, into values: inout [Double?]) throws(Fault) {
        var rest = item
        if rest.first == "_" {
            rest.removeFirst()
            try append(nil, by: nil, count: try repetition(rest, in: item) ?? 1, to: &values)
            return
        }
        guard let first = takeNumber(&rest, signs: "+-") else {
            throw Fault(description: "\"\(item)\" is no value; write 1, 1+2x3, 1x3, _, _x3, stale, NaN or Inf")
        }
        var step: Double?
        if let sign = rest.first, sign == "+" || sign == "-" {
            step = takeNumber(&rest, signs: "+-")
            guard step != nil, rest.first == "x" else {
                throw Fault(description: "\"\(item)\": after a step, x and a number of repetitions are due")
            }
        }
        let count = try repetition(rest, in: item)
        try append(first, by: step, count: (count ?? 0) + 1, to: &values)
    }

    /// `x5`; nil if nothing is left.
    private static func repetition(_ rest: Substring, in item: Substring) throws(Fault) -> Int? {
        if rest.isEmpty { return nil }
        guard rest.first == "x", let count = Int(rest.dropFirst()), count >= 0, count <= maximumValues else {
            throw Fault(description: "\"\(item)\": \"\(rest)\" is no number of repetitions")
        }
        return count
    }

    private static func append(_ first: Double?, by step: Double?, count: Int, to values: inout [Double?]) throws(Fault)
    {
        guard values.count + count <= maximumValues else {
            throw Fault(description: "more than \(maximumValues) values in a line")
        }
        var value = first
        for _ in 0..<count {
            values.append(value)
            if let step, let before = value { value = before + step }
        }
    }

    /// Takes a number from the beginning; nil if there is none. Up to `x` or the sign of a step.
    private static func takeNumber(_ rest: inout Substring, signs: String) -> Double? {
        var end = rest.startIndex
        if end < rest.endIndex, signs.contains(rest[end]) { end = rest.index(after: end) }
        let start = end
        var before: Character = " "
        while end < rest.endIndex {
            let character = rest[end]
            let isSign = character == "+" || character == "-"
            let isExponent = isSign && (before == "e" || before == "E") && rest[start].isNumber
            guard character.isLetter && character != "x" || character.isNumber || character == "." || isExponent else {
                break
            }
            before = character
            end = rest.index(after: end)
        }
        guard end > start else { return nil }
        let isNegative = rest.first == "-"
        let word = rest[start..<end]
        let size: Double?
        switch word.lowercased() {
        case "stale": size = Double(bitPattern: StalenessMarker.bitPattern)
        case "inf": size = .infinity
        case "nan": size = .nan
        default: size = word.first?.isLetter == true ? nil : Double(word)
        }
        guard let size else { return nil }
        rest = rest[end...]
        // A marker keeps its bits.
        return isNegative ? -size : size
    }
}
