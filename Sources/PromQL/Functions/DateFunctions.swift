import Readings

/// Parts of a date in UTC.
enum DateFunctions {
    static let all: [Function] = [
        date("year") { Double($0.year) },
        date("month") { Double($0.month) },
        date("day_of_month") { Double($0.day) },
        date("day_of_week") { Double(dayOfWeek($0)) },
        date("day_of_year") { Double(dayOfYear($0)) },
        date("days_in_month") { Double(daysInMonth($0.month, of: $0.year)) },
        date("hour") { Double($0.hour) },
        date("minute") { Double($0.minute) },
    ]

    private static func date(_ name: String, _ body: @escaping @Sendable (CivilTime) -> Double) -> Function {
        Function(name, [.vector], last: .optional, .date(body))
    }

    /// What `part` says of a value in Unix seconds; NaN for what no calendar holds.
    static func apply(_ part: (CivilTime) -> Double, _ seconds: Double) -> Double {
        // 100 million years either way: within what the calendar's arithmetic can do.
        let limit = 3.2e15
        guard seconds.magnitude <= limit, let whole = Int64(exactly: seconds.rounded(.towardZero)) else {
            return .nan
        }
        return part(CivilTime(utc: Timestamp(milliseconds: whole * 1000)))
    }

    /// Sunday is 0.
    private static func dayOfWeek(_ time: CivilTime) -> Int {
        // Sakamoto's method.
        let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = time.month < 3 ? time.year - 1 : time.year
        let quarters = floored(year, by: 4) - floored(year, by: 100) + floored(year, by: 400)
        let day = (year + quarters + shifts[time.month - 1] + time.day) % 7
        return day < 0 ? day + 7 : day
    }

    private static func dayOfYear(_ time: CivilTime) -> Int {
        (1..<time.month).reduce(time.day) { $0 + daysInMonth($1, of: time.year) }
    }

    private static func daysInMonth(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }

    private static func floored(_ number: Int, by divisor: Int) -> Int {
        number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
    }
}
