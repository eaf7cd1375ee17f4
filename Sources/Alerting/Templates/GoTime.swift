import Foundation
import Readings

/// Times and durations as Go prints them, and the members of theirs that templates use.
enum GoTime {
    /// `2026-11-26 09:20:01.5 +0000 UTC`
    static func text(_ time: Timestamp) -> String {
        formatted(time, "2006-01-02 15:04:05") + fraction(time) + " +0000 UTC"
    }

    /// The milliseconds with their point, without zeros at the end; nothing if there are none.
    private static func fraction(_ time: Timestamp) -> String {
        let milliseconds = CivilTime(utc: time).millisecond
        guard milliseconds != 0 else { return "" }
        var digits = padded(milliseconds, 3)
        while digits.hasSuffix("0") { digits.removeLast() }
        return "." + digits
    }

    /// `1h2m3.5s`, `150ms`, `0s`
    static func text(nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let size = nanoseconds.magnitude
        func decimal(_ unit: UInt64) -> String {
            let rest = size % unit
            guard rest != 0 else { return "\(size / unit)" }
            var digits = String(unit + rest).dropFirst()
            while digits.hasSuffix("0") { digits.removeLast() }
            return "\(size / unit).\(digits)"
        }
        switch size {
        case ..<1000: return sign + "\(size)ns"
        case ..<1_000_000: return sign + decimal(1000) + "µs"
        case ..<1_000_000_000: return sign + decimal(1_000_000) + "ms"
        default: break
        }
        let second: UInt64 = 1_000_000_000
        let (hours, minutes) = (size / (3600 * second), size / (60 * second) % 60)
        let rest = size % (60 * second)
        var digits = rest % second == 0 ? "" : String(second + rest % second)
        if !digits.isEmpty { digits = "." + digits.dropFirst() }
        while digits.hasSuffix("0") { digits.removeLast() }
        let seconds = "\(rest / second)\(digits)s"
        return sign + (hours > 0 ? "\(hours)h" : "") + (hours > 0 || minutes > 0 ? "\(minutes)m" : "") + seconds
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }

    // MARK: Members

    /// What the method `name` of a time or duration gives; nil if `value` is none, or has no such method here.
    static func member(
        _ name: String, of value: TemplateValue, _ arguments: [TemplateValue]
    ) throws(TemplateError) -> TemplateValue? {
        let result: TemplateValue?
        switch value {
        case .time(let time):
            if name == "Format" {
                guard arguments.count == 1, case .string(let layout) = arguments[0] else {
                    throw TemplateError(message: "wrong number of args for Format: want 1 text")
                }
                return .string(formatted(time, layout))
            }
            result = number(name, of: time)
        case .duration(let nanoseconds): result = number(name, of: nanoseconds)
        default: return nil
        }
        guard let result else { return nil }
        guard arguments.isEmpty else {
            throw TemplateError(message: "wrong number of args for \(name): want 0 got \(arguments.count)")
        }
        return result
    }

    private static func number(_ name: String, of time: Timestamp) -> TemplateValue? {
        let civil = CivilTime(utc: time)
        switch name {
        case "Year": return .integer(civil.year)
        case "Month": return .string(months[civil.month - 1])
        case "Day": return .integer(civil.day)
        case "Hour": return .integer(civil.hour)
        case "Minute": return .integer(civil.minute)
        case "Second": return .integer(civil.second)
        case "YearDay": return .integer(civil.dayOfYear)
        case "Weekday": return .string(weekdays[civil.dayOfWeek])
        case "Unix": return .integer(Int(time.secondsSince1970.rounded(.down)))
        case "UnixMilli": return .integer(Int(time.milliseconds))
        case "UTC": return .time(time)
        case "String": return .string(text(time))
        default: return nil
        }
    }

    private static func number(_ name: String, of nanoseconds: Int64) -> TemplateValue? {
        switch name {
        case "Hours": .number(Double(nanoseconds) / 3.6e12)
        case "Minutes": .number(Double(nanoseconds) / 6e10)
        case "Seconds": .number(Double(nanoseconds) / 1e9)
        case "Milliseconds": .integer(Int(nanoseconds / 1_000_000))
        case "Nanoseconds": .integer(Int(nanoseconds))
        case "String": .string(text(nanoseconds: nanoseconds))
        default: nil
        }
    }

    // MARK: Layouts

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `time` in UTC by a layout of Go's, in which the parts of `Mon Jan 2 15:04:05 MST 2006` stand for themselves.
    private static func formatted(_ time: Timestamp, _ layout: String) -> String {
        let civil = CivilTime(utc: time)
        let hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12
        let (month, weekday) = (months[civil.month - 1], weekdays[civil.dayOfWeek])
        // Longer parts before those that they begin with.
        let parts: [(String, String)] = [
            ("January", month), ("Jan", String(month.prefix(3))), ("Monday", weekday),
            ("Mon", String(weekday.prefix(3))), ("MST", "UTC"), ("2006", padded(civil.year, 4)),
            ("-07:00", "+00:00"), ("-0700", "+0000"), ("Z07:00", "Z"), (".000", "." + padded(civil.millisecond, 3)),
            (".999", fraction(time)), ("01", padded(civil.month, 2)), ("02", padded(civil.day, 2)),
            ("03", padded(hour, 2)), ("04", padded(civil.minute, 2)), ("05", padded(civil.second, 2)),
            ("06", padded(civil.year % 100, 2)), ("15", padded(civil.hour, 2)), ("PM", civil.hour < 12 ? "AM" : "PM"),
            ("pm", civil.hour < 12 ? "am" : "pm"), ("_2", civil.day < 10 ? " \(civil.day)" : "\(civil.day)"),
            ("1", "\(civil.month)"), ("2", "\(civil.day)"), ("3", "\(hour)"), ("4", "\(civil.minute)"),
            ("5", "\(civil.second)"),
        ]
        var out = ""
        var rest = layout[...]
        while let character = rest.first {
            if let (part, text) = parts.first(where: { rest.hasPrefix($0.0) }) {
                out += text
                rest = rest.dropFirst(part.count)
            } else {
                out.append(character)
                rest = rest.dropFirst()
            }
        }
        return out
    }
}
