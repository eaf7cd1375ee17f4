/// One name and value that tell a series from others, such as `device` = `kitchen/plug`.
public struct Label: Hashable, Comparable, Codable, Sendable {
    public var name: String
    public var value: String

    @inlinable
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    @inlinable
    public static func < (a: Label, b: Label) -> Bool { a.name == b.name ? a.value < b.value : a.name < b.name }
}

/// The names that Quantrac itself gives a meaning.
public enum LabelName {
    /// Prometheus's name for the metric.
    public static let metric = "__name__"
    /// Whose series it is. It comes from the topic position that the broker protects, never from a payload.
    public static let household = "household"
    public static let device = "device"

    /// Whether a label may have this name only where Quantrac itself gives it.
    public static func isReserved(_ name: String) -> Bool { name == metric || name == household || name == device }

    /// The name of a label as it stands in a query or message: in quotes if it is no plain word.
    public static func written(_ name: String) -> String {
        Labels.isPlain(name) && !isNumber(name) ? name : "\"\(Labels.escaped(name))\""
    }

    /// These words are numbers wherever they stand.
    private static func isNumber(_ name: String) -> Bool { ["inf", "nan"].contains(name.lowercased()) }
}

/// A set of labels with distinct names, sorted by name: what identifies a series.
///
/// Two sets with the same labels are equal, whatever the order in which they were given.
public struct Labels: Hashable, Sendable {
    /// Sorted by name, names distinct, no empty value (in Prometheus's model an empty value means "absent").
    public let sorted: [Label]

    /// The set of `labels`. Of labels with the same name the last one counts; those with an empty value are left out.
    public init(_ labels: some Sequence<Label>) {
        var kept: [Label] = []
        for label in labels {
            kept.removeAll { $0.name == label.name }
            if !label.value.isEmpty { kept.append(label) }
        }
        kept.sort { $0.name < $1.name }
        sorted = kept
    }

    /// The set of `labels`, for a caller that has them by ascending name, as `sorted` gave them out: costs one comparison a
    /// label.
    public init(ascending labels: [Label]) {
        let isSorted = zip(labels, labels.dropFirst()).allSatisfy { $0.name < $1.name }
        if isSorted, labels.allSatisfy({ !$0.value.isEmpty }) { self.init(sorted: labels) } else { self.init(labels) }
    }

    /// Those of the labels for which `isKept` is true.
    public func filter(_ isKept: (Label) -> Bool) -> Labels {
        guard let first = sorted.firstIndex(where: { !isKept($0) }) else { return self }
        return Labels(sorted: sorted[..<first] + sorted[(first + 1)...].filter(isKept))
    }

    private init(sorted labels: [Label]) {
        sorted = labels
    }

    /// The value of the label `name`; nil if there is none.
    public subscript(name: String) -> String? {
        sorted.first { $0.name == name }?.value
    }

    public var metric: String { self[LabelName.metric] ?? "" }
    public var household: String { self[LabelName.household] ?? "" }
    public var device: String { self[LabelName.device] ?? "" }

    /// The same set with `name` set to `value`, or without `name` if `value` is nil or empty.
    public func setting(_ name: String, to value: String?) -> Labels {
        Labels(sorted + [Label(name, value ?? "")])
    }
}

extension Labels: Comparable {
    /// Prometheus's order of series: label by label, by name and then value.
    public static func < (a: Labels, b: Labels) -> Bool { a.sorted.lexicographicallyPrecedes(b.sorted) }
}

extension Labels: ExpressibleByDictionaryLiteral {
    /// `["__name__": "temperature", "device": "freezer"]`
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Label($0.0, $0.1) })
    }
}

extension Labels: CustomStringConvertible {
    /// As PromQL writes it: `temperature{device="freezer",household="home"}`, and `{"độ ẩm",device="freezer"}` where a name
    /// has other characters than ASCII letters, digits and `_`.
    public var description: String {
        let isPlain = metric.isEmpty || Labels.isPlain(metric, mayHaveColons: true)
        var inside = isPlain ? [] : ["\"\(Labels.escaped(metric))\""]
        for label in sorted where label.name != LabelName.metric {
            inside.append("\(LabelName.written(label.name))=\"\(Labels.escaped(label.value))\"")
        }
        let outside = isPlain ? metric : ""
        return inside.isEmpty && !outside.isEmpty ? outside : outside + "{" + inside.joined(separator: ",") + "}"
    }

    /// Whether PromQL takes `name` without quotes.
    fileprivate static func isPlain(_ name: String, mayHaveColons: Bool = false) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
            default: mayHaveColons && byte == UInt8(ascii: ":")
            }
        }
    }

    /// `value` as it stands between the quotes of a PromQL string or of the Prometheus text format.
    public static func escaped(_ value: String) -> String {
        var out = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
