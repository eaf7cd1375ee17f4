import Foundation
import PromQL

/// The functions that templates can call so far, as Prometheus's template reference describes them.
enum TemplateFunction: String, Sendable {
    case humanize, humanize1024, humanizeDuration, humanizePercentage
    case printf, toUpper, toLower, title

    func call(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        if self == .printf {
            guard case .string(let format)? = arguments.first else {
                throw TemplateError(message: "printf needs a format text first")
            }
            return .string(try PrintfFormat.formatted(format, Array(arguments.dropFirst())))
        }
        guard arguments.count == 1, let argument = arguments.first else {
            throw TemplateError(message: "wrong number of args for \(rawValue): want 1 got \(arguments.count)")
        }
        let result =
            switch self {
            case .humanize: TemplateFunction.humanize(try number(argument))
            case .humanize1024: TemplateFunction.humanize1024(try number(argument))
            case .humanizeDuration: TemplateFunction.humanizeDuration(try number(argument))
            case .humanizePercentage: TemplateFunction.fourDigits(try number(argument) * 100) + "%"
            case .toUpper: try text(argument).uppercased()
            case .toLower: try text(argument).lowercased()
            case .title: TemplateFunction.title(try text(argument))
            case .printf: ""
            }
        return .string(result)
    }

    private func number(_ argument: TemplateValue) throws(TemplateError) -> Double {
        switch argument {
        case .number(let value), .integer(let value): return value
        case .string(let text):
            guard let value = Double(text) else {
                throw TemplateError(message: "error calling \(rawValue): \"\(text)\" is no number")
            }
            return value
        case .labels: throw TemplateError(message: "error calling \(rawValue): the labels are no number")
        }
    }

    private func text(_ argument: TemplateValue) throws(TemplateError) -> String {
        guard case .string(let text) = argument else {
            throw TemplateError(message: "wrong type of value for \(rawValue); expected a text")
        }
        return text
    }

    private static func fourDigits(_ value: Double) -> String {
        value.isFinite ? String(format: "%.4g", value) : FormattedValue.general(value)
    }

    private static func scaled(_ value: Double, by factor: Double, _ prefixes: [String]) -> (Double, prefix: String) {
        var value = value
        var prefix = ""
        for next in prefixes {
            if factor > 1 ? value.magnitude < factor : value.magnitude >= 1 { break }
            prefix = next
            value /= factor
        }
        return (value, prefix)
    }

    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    private static func humanize(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return fourDigits(value) }
        let (scaled, prefix) =
            value.magnitude >= 1
            ? scaled(value, by: 1000, ["k", "M", "G", "T", "P", "E", "Z", "Y"]) : scaled(value, by: 0.001, small)
        return fourDigits(scaled) + prefix
    }

    private static func humanize1024(_ value: Double) -> String {
        guard value.magnitude > 1, value.isFinite else { return fourDigits(value) }
        let (scaled, prefix) = scaled(value, by: 1024, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"])
        return fourDigits(scaled) + prefix
    }

    private static func humanizeDuration(_ value: Double) -> String {
        guard value.isFinite else { return fourDigits(value) }
        guard value != 0 else { return "0s" }
        guard value.magnitude >= 1 else {
            let (scaled, prefix) = scaled(value, by: 0.001, small)
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

    /// Capitals at the beginning of words.
    private static func title(_ text: String) -> String {
        var out = ""
        var isInWord = false
        for character in text {
            out += isInWord ? String(character) : character.uppercased()
            isInWord = character.isLetter || character.isNumber || character == "_" || character == "'"
        }
        return out
    }
}
