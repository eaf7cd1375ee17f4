import Readings

/// Parts of a date in UTC.
enum DateFunctions {
    static let all: [Function] = [
        date("year") { Double($0.year) },
        date("month") { Double($0.month) },
        date("day_of_month") { Double($0.day) },
        date("day_of_week") { Double($0.dayOfWeek) },
        date("day_of_year") { Double($0.dayOfYear) },
        date("days_in_month") { Double($0.daysInMonth) },
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
}
