import Glibc

/// Writes milliseconds since 1970.
enum TimeText {
    /// Local time without a zone, whole seconds, such as `2026-11-23T20:04:27`.
    static func local(_ milliseconds: Int64, separator: String = "T") -> String {
        var seconds = time_t(wholeSeconds(milliseconds))
        var parts = tm()
        localtime_r(&seconds, &parts)
        return text(parts, separator)
    }

    /// RFC 3339 in UTC, such as `2026-11-23T13:04:27.250Z`.
    static func utc(_ milliseconds: Int64) -> String {
        var seconds = time_t(wholeSeconds(milliseconds))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return text(parts, "T") + "." + padded(milliseconds - wholeSeconds(milliseconds) * 1000, 3) + "Z"
    }

    /// Seconds with three decimals, such as `1795420800.250`.
    static func epochSeconds(_ milliseconds: Int64) -> String {
        let seconds = wholeSeconds(milliseconds)
        return "\(seconds)." + padded(milliseconds - seconds * 1000, 3)
    }

    private static func wholeSeconds(_ milliseconds: Int64) -> Int64 {
        milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }

    private static func text(_ parts: tm, _ separator: String) -> String {
        "\(parts.tm_year + 1900)-\(padded(Int64(parts.tm_mon) + 1, 2))-\(padded(Int64(parts.tm_mday), 2))\(separator)"
            + "\(padded(Int64(parts.tm_hour), 2)):\(padded(Int64(parts.tm_min), 2)):\(padded(Int64(parts.tm_sec), 2))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Now, in milliseconds since 1970.
func wallClock() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}
