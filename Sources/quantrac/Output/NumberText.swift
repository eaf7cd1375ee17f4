import Foundation

/// Numbers as people and as programs want them.
enum NumberText {
    /// About seven significant digits, but all before the point and at least two after it, without trailing zeros: what a
    /// sensor can mean, without the noise of binary fractions. `21.299999237` → `21.3`, `1234567.891` → `1234567.89`.
    static func readable(_ value: Double) -> String {
        guard value.isFinite else { return exact(value) }
        if value == 0 { return "0" }
        let magnitude = abs(value)
        if magnitude >= 1e15 || magnitude < 1e-4 { return exponential(value) }
        let exponent = Int(log10(magnitude).rounded(.down))
        let decimals = exponent >= 0 ? max(2, 6 - exponent) : min(10, 6 - exponent)
        return withoutTrailingZeros(fixed(value, decimals: decimals))
    }

    /// A mean of numbers that lie between `least` and `greatest`: a digit more than these have, which is what it can mean.
    static func mean(_ value: Double, of least: Double, _ greatest: Double) -> String {
        func decimals(_ value: Double) -> Int {
            let text = readable(value)
            guard text.allSatisfy({ $0 != "e" }), let point = text.firstIndex(of: ".") else { return 0 }
            return text.distance(from: point, to: text.endIndex) - 1
        }
        guard value.isFinite, abs(value) < 1e15 else { return readable(value) }
        return readable(rounded(value, decimals: max(decimals(least), decimals(greatest)) + 1))
    }

    /// The shortest decimal that reads back as the same number; NaN, +Inf and -Inf as Prometheus writes them.
    static func exact(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// A count with blanks between the thousands, which both languages read: `1 234 567`.
    static func grouped(_ count: UInt64) -> String {
        var out = ""
        let digits = String(count)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out += " " }
            out.append(digit)
        }
        return out
    }

    /// A number of bytes with a binary prefix: `0 B`, `1.5 KiB`, `512 MiB`.
    static func bytes(_ count: UInt64) -> String {
        var amount = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if amount < 1023.95 || unit == "TiB" {
                let decimals = unit == "B" || amount >= 99.95 ? 0 : 1
                return withoutTrailingZeros(fixed(amount, decimals: decimals)) + " " + unit
            }
            amount /= 1024
        }
        return ""
    }

    /// `value` with exactly `decimals` digits after the point, never `-0`.
    static func fixed(_ value: Double, decimals: Int) -> String {
        let text = String(format: "%.*f", max(0, decimals), value)
        return text.contains { $0 != "-" && $0 != "0" && $0 != "." } || !text.hasPrefix("-")
            ? text : String(text.dropFirst())
    }

    /// The number nearest to `value` with `decimals` digits after the point.
    static func rounded(_ value: Double, decimals: Int) -> Double {
        Double(fixed(value, decimals: decimals)) ?? value
    }

    /// Like `1.5e+20`, with at most five digits after the point.
    static func exponential(_ value: Double) -> String {
        let parts = String(format: "%.5e", value).split(separator: "e", maxSplits: 1)
        guard parts.count == 2 else { return exact(value) }
        return withoutTrailingZeros(String(parts[0])) + "e" + parts[1]
    }

    private static func withoutTrailingZeros(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var kept = Substring(text)
        while kept.hasSuffix("0") { kept.removeLast() }
        if kept.hasSuffix(".") { kept.removeLast() }
        return String(kept)
    }
}
