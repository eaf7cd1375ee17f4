import Readings

/// A day of the Gregorian calendar, such as that on which a price begins.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int
    /// Days since 1970-01-01.
    let number: Int

    /// Nil unless there is such a day.
    public init?(year: Int, month: Int, day: Int) {
        guard let time = CivilTime(year: year, month: month, day: day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
        number = time.daysSince1970
    }

    /// From `YYYY-MM-DD`; nil if `text` is no such date.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    }

    public static func < (a: CivilDate, b: CivilDate) -> Bool { a.number < b.number }

    /// RFC 3339
    public var description: String {
        let text = CivilTime(year: year, month: month, day: day)?.timestamp(secondsEastOfUTC: 0).rfc3339 ?? ""
        return String(text.prefix(10))
    }
}

/// A month of the calendar.
public struct CivilMonth: Hashable, Sendable, CustomStringConvertible {
    /// Its first day.
    public let first: CivilDate
    /// How many days it has.
    public let days: Int

    public init?(year: Int, month: Int) {
        guard let first = CivilDate(year: year, month: month, day: 1),
            let time = CivilTime(year: year, month: month, day: 1)
        else { return nil }
        self.first = first
        days = time.daysInMonth
    }

    /// Which day of the month `date` is, from 1; beyond the month it goes on below and above.
    func day(of date: CivilDate) -> Int { date.number - first.number + 1 }

    /// `YYYY-MM`
    public var description: String { String(first.description.prefix(7)) }
}
