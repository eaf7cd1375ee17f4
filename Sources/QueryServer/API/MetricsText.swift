import Hummingbird
import Readings

/// The daemon's own measurements in the Prometheus text format, version 0.0.4 ("Exposition formats").
enum MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func render(_ families: [MetricFamily]) -> ByteBuffer {
        var out = ByteBuffer()
        for family in families {
            out.writeString("# HELP \(family.name) \(escapedHelp(family.help))\n")
            out.writeString("# TYPE \(family.name) \(family.kind.rawValue)\n")
            for value in family.values {
                out.writeString(family.name)
                if !value.labels.isEmpty {
                    let inside = value.labels.map { "\($0.name)=\"\(Labels.escaped($0.value))\"" }
                    out.writeString("{\(inside.joined(separator: ","))}")
                }
                out.writeString(" \(number(value.value))\n")
            }
        }
        return out
    }

    /// In a help text quotes stand as they are.
    private static func escapedHelp(_ text: String) -> String {
        text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }

    /// As Go's `strconv.ParseFloat` reads it; whole numbers without a fraction.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole != 0 || value.sign == .plus { return String(whole) }
        return value.description
    }
}
