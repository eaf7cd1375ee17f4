extension Timestamp {
    /// Like `2026-11-23T08:00:00.250Z`: RFC 3339 in UTC, always with three decimals, so that texts sort as times do.
    public var rfc3339: String {
        let civil = CivilTime(utc: self)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number.magnitude)
            return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return padded(civil.year, 4) + "-" + padded(civil.month, 2) + "-" + padded(civil.day, 2) + "T"
            + padded(civil.hour, 2) + ":" + padded(civil.minute, 2) + ":" + padded(civil.second, 2) + "."
            + padded(civil.millisecond, 3) + "Z"
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String { rfc3339 }
}
