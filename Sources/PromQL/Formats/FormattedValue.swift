/// Numbers as Prometheus writes them: always the fewest digits that read back as the same number.
public enum FormattedValue {
    /// A sample's value in an answer of the HTTP API: an exponent only below 1e-6 or from 1e21.
    public static func sample(_ value: Double) -> String {
        let size = value.magnitude
        return size != 0 && (size < 1e-6 || size >= 1e21) ? scientific(value) : scalar(value)
    }

    /// A scalar's value in an answer of the HTTP API: never an exponent (Go's `%f` with precision −1).
    public static func scalar(_ value: Double) -> String {
        render(value) { $0.positional }
    }

    /// As Go's `%e` with precision −1 writes it, `-1.2e+01`: the value of an alert in the HTTP API.
    public static func scientific(_ value: Double) -> String {
        render(value) { $0.scientific }
    }

    /// As Go's `%v` writes it, which templates print: an exponent below 1e-4 or from 1e6 (strconv's `%g`, shortest).
    public static func general(_ value: Double) -> String {
        render(value) { (-4..<6).contains($0.exponent) ? $0.positional : $0.scientific }
    }

    /// As OpenMetrics writes it in labels such as `le` and `quantile`: as `general`, and always with a point or an exponent.
    static func openMetrics(_ value: Double) -> String {
        let text = general(value)
        return !value.isFinite || text.contains(where: { $0 == "." || $0 == "e" }) ? text : text + ".0"
    }

    private static func render(_ value: Double, _ body: (ShortestDecimal) -> String) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return (value.sign == .minus ? "-" : "") + body(ShortestDecimal(value.magnitude))
    }
}

/// The fewest decimal digits that name a number: `digits[0].digits[1]… × 10^exponent`.
struct ShortestDecimal {
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0

    /// `value` is finite and not negative.
    init(_ value: Double) {
        // Swift's own text has the shortest digits (SwiftDtoa), only laid out in another way.
        let parts = value.description.split(separator: "e")
        let mantissa = parts.first ?? "0"
        let shift = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let whole = mantissa.prefix { $0 != "." }
        digits = mantissa.utf8.filter { "0"..."9" ~= $0 }
        exponent = whole.utf8.count - 1 + shift
        while digits.count > 1, digits[0] == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, let last = digits.last, last == "0" { digits.removeLast() }
        if digits.isEmpty || digits[0] == "0" {
            digits = [UInt8(ascii: "0")]
            exponent = 0
        }
    }

    var positional: String {
        var out: [UInt8]
        if exponent < 0 {
            out = Array("0.".utf8) + Array(repeating: UInt8(ascii: "0"), count: -exponent - 1) + digits
        } else {
            out = Array(digits.prefix(exponent + 1))
            out += Array(repeating: UInt8(ascii: "0"), count: exponent + 1 - out.count)
            if digits.count > exponent + 1 { out += [UInt8(ascii: ".")] + digits[(exponent + 1)...] }
        }
        return String(decoding: out, as: UTF8.self)
    }

    var scientific: String {
        var out = [digits[0]]
        if digits.count > 1 { out += [UInt8(ascii: ".")] + digits[1...] }
        let size = String(exponent.magnitude)
        return String(decoding: out, as: UTF8.self) + (exponent < 0 ? "e-" : "e+") + (size.utf8.count < 2 ? "0" : "")
            + size
    }
}
