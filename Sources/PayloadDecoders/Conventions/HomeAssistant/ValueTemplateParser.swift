/// Why a template is not understood, for people.
struct TemplateFault: Error, Equatable {
    var detail: String
}

/// Reads the part of Jinja that `ValueTemplate` computes. A filter binds first, as in Jinja.
struct ValueTemplateParser {
    private static let deepest = 16
    private static let mostOperations = 32

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0
    private var operations = 0
    private var path: [String]?

    fileprivate static func parse(_ template: String) throws(TemplateFault) -> ValueTemplate {
        guard template.utf8.count <= ValueTemplate.longest else {
            throw TemplateFault(detail: "the template is longer than \(ValueTemplate.longest) bytes")
        }
        var text = ASCII.trimmed(template)
        guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count >= 4 else {
            throw TemplateFault(detail: "only one expression between {{ and }} is understood")
        }
        text = text.dropFirst(2).dropLast(2)
        // White space control.
        if text.utf8.first == UInt8(ascii: "-") { text = text.dropFirst() }
        if text.utf8.last == UInt8(ascii: "-") { text = text.dropLast() }
        var parser = ValueTemplateParser(bytes: Array(text.utf8))
        let expression = try parser.sum()
        parser.skipBlanks()
        if parser.index < parser.bytes.count { throw parser.unexpected() }
        guard let path = parser.path else { throw TemplateFault(detail: "the template takes nothing of the message") }
        return ValueTemplate(path: path, expression: expression)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    // MARK: - Expressions

    private mutating func sum() throws(TemplateFault) -> ValueTemplate.Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= ValueTemplateParser.deepest else {
            throw TemplateFault(detail: "the template is nested too deep")
        }
        var left = try product()
        while true {
            if take("+") {
                left = .computed(left, .plus, try operand { p throws(TemplateFault) in try p.product() })
            } else if take("-") {
                left = .computed(left, .minus, try operand { p throws(TemplateFault) in try p.product() })
            } else {
                return left
            }
        }
    }

    private mutating func product() throws(TemplateFault) -> ValueTemplate.Expression {
        var left = try filtered()
        while true {
            if take("*") {
                left = .computed(left, .times, try operand { p throws(TemplateFault) in try p.filtered() })
            } else if take("/") {
                left = .computed(left, .over, try operand { p throws(TemplateFault) in try p.filtered() })
            } else {
                return left
            }
        }
    }

    private mutating func operand(
        _ read: (inout ValueTemplateParser) throws(TemplateFault) -> ValueTemplate.Expression
    ) throws(TemplateFault) -> ValueTemplate.Expression {
        try count()
        return try read(&self)
    }

    /// Bounds how deep the expression is when it is evaluated.
    private mutating func count() throws(TemplateFault) {
        operations += 1
        guard operations <= ValueTemplateParser.mostOperations else {
            throw TemplateFault(detail: "the template has more than \(ValueTemplateParser.mostOperations) operations")
        }
    }

    private mutating func filtered() throws(TemplateFault) -> ValueTemplate.Expression {
        var value = try primary()
        while take("|") {
            try count()
            skipBlanks()
            value = try filter(value)
        }
        return value
    }

    private mutating func primary() throws(TemplateFault) -> ValueTemplate.Expression {
        skipBlanks()
        if take("-") {
            try count()
            return .negated(try primary())
        }
        if take("(") {
            let inner = try sum()
            guard take(")") else { throw unexpected() }
            return inner
        }
        if let number = number() { return .constant(number) }
        let start = index
        switch word() {
        case "value": return try field([])
        case "value_json": return try field(try steps())
        default:
            index = start
            throw unexpected()
        }
    }

    private mutating func field(_ path: [String]) throws(TemplateFault) -> ValueTemplate.Expression {
        if let known = self.path, known != path { throw TemplateFault(detail: "the template takes two fields") }
        self.path = path
        return .field
    }

    private mutating func steps() throws(TemplateFault) -> [String] {
        var steps: [String] = []
        while steps.count < ValueTemplateParser.deepest {
            if take(".") {
                let name = word()
                guard !name.isEmpty, !take("(") else { throw unexpected() }
                steps.append(name)
            } else if take("[") {
                skipBlanks()
                guard let step = quoted() ?? digits(), take("]") else { throw unexpected() }
                steps.append(step)
            } else {
                return steps
            }
        }
        throw TemplateFault(detail: "the template's path is too long")
    }

    // MARK: - Filters

    private mutating func filter(
        _ value: ValueTemplate.Expression
    ) throws(TemplateFault) -> ValueTemplate.Expression {
        let start = index
        let name = word()
        var numbers: [Double] = []
        var method = "common"
        if take("(") {
            while !take(")") {
                skipBlanks()
                let argument = index
                if let text = quoted() {
                    method = text
                } else {
                    let named = isAtDigit ? "" : word()
                    if !named.isEmpty, !(named == "default" && take("=")) {
                        // `true` of default(0, true) and `none` change nothing here.
                        guard ["true", "True", "none", "None"].contains(named) else {
                            index = argument
                            throw unexpected()
                        }
                        _ = take(",")
                        continue
                    }
                    if named.isEmpty { index = argument }
                    guard let number = signedNumber() else { throw unexpected() }
                    if named != "default" || name != "round" { numbers.append(number) }
                }
                if !take(",") {
                    guard take(")") else { throw unexpected() }
                    break
                }
            }
        }
        switch name {
        case "float", "default", "d": return .orElse(value, numbers.first)
        case "is_defined": return .orElse(value, nil)
        case "int": return .whole(value, otherwise: numbers.first)
        case "round":
            guard let places = Int(exactly: numbers.first ?? 0), ValueTemplate.powersOfTen.indices.contains(places),
                let rule = ValueTemplateParser.rules[method]
            else { throw TemplateFault(detail: "round with these arguments is not understood") }
            return .rounded(value, places: places, rule)
        default:
            index = start
            throw TemplateFault(detail: "the filter \(shown(name)) is not understood")
        }
    }

    private static let rules: [String: FloatingPointRoundingRule] = [
        "common": .toNearestOrEven, "floor": .down, "ceil": .up,
    ]

    // MARK: - Words

    private mutating func skipBlanks() {
        while index < bytes.count, ASCII.isWhitespace(bytes[index]) { index += 1 }
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        let start = index
        skipBlanks()
        let byte = UInt8(ascii: mark)
        guard index < bytes.count, bytes[index] == byte else {
            index = start
            return false
        }
        // `//` and `**` are other operations.
        if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "*"), index + 1 < bytes.count, bytes[index + 1] == byte {
            index = start
            return false
        }
        index += 1
        return true
    }

    private var isAtDigit: Bool { index < bytes.count && (0x30...0x39).contains(bytes[index]) }

    /// A name in any script; empty if there is none.
    private mutating func word() -> String {
        let start = index
        while index < bytes.count, ValueTemplateParser.isPartOfWord(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    private mutating func quoted() -> String? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "'") || bytes[index] == UInt8(ascii: "\""),
            let end = bytes[(index + 1)...].firstIndex(of: bytes[index]),
            !bytes[index..<end].contains(UInt8(ascii: "\\"))
        else { return nil }
        defer { index = end + 1 }
        return String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
    }

    private mutating func digits() -> String? {
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
        return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func number() -> Double? {
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) || bytes[index] == UInt8(ascii: ".") {
            index += 1
        }
        let value = bytes[start..<index].withUnsafeBytes { DecimalNumber.parse($0) }
        if value == nil { index = start }
        return value
    }

    private mutating func signedNumber() -> Double? {
        let isNegative = take("-")
        skipBlanks()
        return number().map { isNegative ? -$0 : $0 }
    }

    private func unexpected() -> TemplateFault {
        guard index < bytes.count else { return TemplateFault(detail: "the template ends too early") }
        let rest = String(decoding: bytes[index...].prefix(24), as: UTF8.self)
        return TemplateFault(detail: "the template's part \(shown(rest)) is not understood")
    }

    private func shown(_ text: String) -> String {
        SafeName.firstUnsafeScalar(in: text) == nil ? "\u{201C}\(text)\u{201D}" : "with control characters"
    }
}

extension ASCII {
    fileprivate static func trimmed(_ text: String) -> Substring {
        var text = text[...]
        while let byte = text.utf8.first, isWhitespace(byte) { text = Substring(text.utf8.dropFirst()) }
        while let byte = text.utf8.last, isWhitespace(byte) { text = Substring(text.utf8.dropLast()) }
        return text
    }
}

extension ValueTemplate {
    /// - Throws: which part of the template is not understood.
    static func parse(_ text: String) throws(TemplateFault) -> ValueTemplate {
        try ValueTemplateParser.parse(text)
    }
}
