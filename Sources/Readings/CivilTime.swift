/// A date and time of day in the proleptic Gregorian calendar, without a zone.
///
/// The arithmetic is Howard Hinnant's "chrono-compatible low-level date algorithms" (`days_from_civil`): whole numbers
/// only, so that the decoders need no Foundation where every message passes.
public struct CivilTime: Hashable, Sendable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var millisecond: Int

    /// Nil unless the fields name a real day and time; second 60 is taken for a leap second and allowed.
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
    ) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilTime.days(inMonth: month, of: year),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
            (0...999).contains(millisecond)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    /// The civil time that clocks in UTC show at `time`. Years outside 0…9999 come out as they are computed.
    public init(utc time: Timestamp) {
        let (days, rest) = time.milliseconds.quotientAndRemainderFloored(dividingBy: 86_400_000)
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let milliseconds = Int(rest)
        hour = milliseconds / 3_600_000
        minute = milliseconds / 60_000 % 60
        second = milliseconds / 1000 % 60
        millisecond = milliseconds % 1000
    }

    /// The instant at which clocks `secondsEastOfUTC` ahead of UTC show this civil time.
    public func timestamp(secondsEastOfUTC: Int) -> Timestamp {
        let seconds = daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - secondsEastOfUTC
        return Timestamp(milliseconds: Int64(seconds) * 1000 + Int64(millisecond))
    }

    /// 0 on 1970-01-01; negative before.
    public var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// 0 on Sunday. 1970 began on a Thursday.
    public var dayOfWeek: Int {
        let day = (daysSince1970 + 4) % 7
        return day < 0 ? day + 7 : day
    }

    /// 1 on the first of January.
    public var dayOfYear: Int {
        (1..<month).reduce(day) { $0 + CivilTime.days(inMonth: $1, of: year) }
    }

    /// How many days the month has.
    public var daysInMonth: Int { CivilTime.days(inMonth: month, of: year) }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Division that rounds towards −∞, so that the remainder is never negative (days before 1970).
    fileprivate func quotientAndRemainderFloored(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
