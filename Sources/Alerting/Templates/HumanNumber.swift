import Foundation
import PromQL

/// Numbers as Prometheus's templates write them for people.
enum HumanNumber {
    static func fourDigits(_ value: Double) -> String {
        value.isFinite ? String(format: "%.4g", value) : FormattedValue.general(value)
    }

    private static let large = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    private static func shrunk(_ value: Double, by factor: Double, _ prefixes: [String]) -> (Double, prefix: String) {
        var (value, prefix) = (value, "")
        for next in prefixes where value.magnitude >= factor {
            prefix = next
            value /= factor
        }
        return (value, prefix)
    }

    private static func grown(_ value: Double) -> (Double, prefix: String) {
        var (value, prefix) = (value, "")
        for next in small where value.magnitude < 1 {
            prefix = next
            value *= 1000
        }
        return (value, prefix)
    }

    static func humanize(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return fourDigits(value) }
        let (scaled, prefix) = value.magnitude >= 1 ? shrunk(value, by: 1000, large) : grown(value)
        return fourDigits(scaled) + prefix
    }

    static func humanize1024(_ value: Double) -> String {
        guard value.magnitude > 1, value.isFinite else { return fourDigits(value) }
        let (scaled, prefix) = shrunk(value, by: 1024, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"])
        return fourDigits(scaled) + prefix
    }

    /// Of seconds.
    static func duration(_ value: Double) -> String {
        guard value.isFinite else { return fourDigits(value) }
        guard value != 0 else { return "0s" }
        guard value.magnitude >= 1 else {
            let (scaled, prefix) = grown(value)
            return fourDigits(scaled) + prefix + "s"
        }
        let sign = value < 0 ? "-" : ""
        let whole = Int64(exactly: value.magnitude.rounded(.down)) ?? .max
        let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3600 % 24, whole / 86_400)
        if days != 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
        if hours != 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
        if minutes != 0 { return "\(sign)\(minutes)m \(seconds)s" }
        return sign + fourDigits(value.magnitude) + "s"
    }
}
