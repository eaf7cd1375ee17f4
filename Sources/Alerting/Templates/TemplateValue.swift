import PromQL
import Readings

/// A value inside a template.
enum TemplateValue: Sendable {
    /// What a missing entry of `args` is, and `nil`.
    case nothing
    case bool(Bool)
    case number(Double)
    case integer(Int)
    case string(String)
    case map(TemplateMap)
    /// What the functions of a template see besides: the alert, or an element of a query's answer.
    case structure(TemplateStructure)
    /// A query's answer.
    case vector([TemplateStructure])
    case time(Timestamp)
    case duration(nanoseconds: Int64)

    static func labels(_ labels: Labels) -> TemplateValue {
        let entries = labels.sorted.map { ($0.name, TemplateValue.string($0.value)) }
        return .map(TemplateMap(Dictionary(entries, uniquingKeysWith: { $1 }), isOfTexts: true, depth: 1))
    }

    /// Whether `if` takes it for true: neither zero nor empty.
    var isTrue: Bool {
        switch self {
        case .nothing: false
        case .bool(let value): value
        case .number(let value): value != 0
        case .integer(let value): value != 0
        case .string(let text): !text.isEmpty
        case .map(let map): !map.entries.isEmpty
        case .vector(let elements): !elements.isEmpty
        case .structure, .time: true
        case .duration(let nanoseconds): nanoseconds != 0
        }
    }

    /// Go's name of the type, for messages.
    var typeName: String {
        switch self {
        case .nothing: "<nil>"
        case .bool: "bool"
        case .number: "float64"
        case .integer: "int"
        case .string: "string"
        case .map: "map[string]string"
        case .structure(let structure): structure.typeName
        case .vector: "template.queryResult"
        case .time: "*time.Time"
        case .duration: "*time.Duration"
        }
    }

    /// How deep maps lie in each other: they are printed and freed by recursion.
    var depth: Int {
        switch self {
        case .map(let map): map.depth
        case .structure, .vector: 3
        default: 0
        }
    }

    /// Appends the value as Go's `%v` prints it.
    func print(to out: inout BoundedText) throws(TemplateError) {
        switch self {
        case .nothing: try out.append("<no value>")
        case .bool(let value): try out.append(value ? "true" : "false")
        case .number(let value): try out.append(FormattedValue.general(value))
        case .integer(let value): try out.append("\(value)")
        case .string(let text): try out.append(text)
        case .map(let map):
            try out.append("map[")
            for (index, key) in map.keys.enumerated() {
                try out.append((index == 0 ? "" : " ") + key + ":")
                try map[key].print(to: &out)
            }
            try out.append("]")
        case .structure(let structure): try structure.print(to: &out)
        case .vector(let elements):
            try out.append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { try out.append(" ") }
                try element.print(to: &out)
            }
            try out.append("]")
        case .time(let time): try out.append(GoTime.text(time))
        case .duration(let nanoseconds): try out.append(GoTime.text(nanoseconds: nanoseconds))
        }
    }

    /// As Go's `%v` prints it.
    func text() throws(TemplateError) -> String {
        if case .string(let text) = self { return text }
        var out = BoundedText()
        try print(to: &out)
        return out.text
    }
}

/// Labels, or the arguments of a template.
struct TemplateMap: Sendable {
    let entries: [String: TemplateValue]
    /// Whether all entries are texts, so that one that is not there is the empty text and not nothing.
    let isOfTexts: Bool
    let depth: Int

    init(_ entries: [String: TemplateValue], isOfTexts: Bool, depth: Int) {
        self.entries = entries
        self.isOfTexts = isOfTexts
        self.depth = depth
    }

    /// By bytes, as Go sorts them when it prints and ranges.
    var keys: [String] { entries.keys.sorted() }
    subscript(key: String) -> TemplateValue { entries[key] ?? (isOfTexts ? .string("") : .nothing) }
}

/// Named fields in an order.
struct TemplateStructure: Sendable {
    let typeName: String
    let fields: [(name: String, value: TemplateValue)]

    subscript(name: String) -> TemplateValue? { fields.first { $0.name == name }?.value }

    /// An element of a query's answer.
    static func element(_ element: VectorElement) -> TemplateStructure {
        TemplateStructure(
            typeName: "*template.sample",
            fields: [("Labels", .labels(element.labels)), ("Value", .number(element.sample.value))])
    }

    func print(to out: inout BoundedText) throws(TemplateError) {
        try out.append(typeName.hasPrefix("*") ? "&{" : "{")
        for (index, field) in fields.enumerated() {
            if index > 0 { try out.append(" ") }
            try field.value.print(to: &out)
        }
        try out.append("}")
    }
}

/// A text that can't grow without end: no template fills the memory.
struct BoundedText: Sendable {
    private(set) var text = ""
    private var length = 0

    /// In bytes.
    static let maximumLength = 64 << 10

    mutating func append(_ more: String) throws(TemplateError) {
        length += more.utf8.count
        guard length <= BoundedText.maximumLength else {
            throw TemplateError(message: "the text is longer than \(BoundedText.maximumLength) bytes")
        }
        text += more
    }
}
