/// How a label's name beyond ASCII stands in a URL (Prometheus, "Values escaping"): `U__`, then `__` for an underscore
/// and `_1ea1_` for the character of that code point.
enum LabelNameEscape {
    /// The name itself; text that is not escaped, or wrongly, is taken as it is.
    static func unescaped(_ text: String) -> String {
        guard text.hasPrefix("U__") else { return text }
        var out = String.UnicodeScalarView()
        var rest = text.unicodeScalars.dropFirst(3)
        while let scalar = rest.popFirst() {
            guard scalar == "_" else {
                out.append(scalar)
                continue
            }
            if rest.first == "_" {
                rest.removeFirst()
                out.append("_")
                continue
            }
            guard let end = rest.firstIndex(of: "_"), let value = UInt32(String(rest[..<end]), radix: 16),
                let named = Unicode.Scalar(value)
            else { return text }
            out.append(named)
            rest = rest[rest.index(after: end)...]
        }
        return String(out)
    }
}
