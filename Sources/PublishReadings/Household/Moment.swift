import Glibc

/// An instant of a simulated household, and what a device's clock says of it.
struct Moment {
    /// Seconds since the start.
    var elapsed: Double
    /// Milliseconds since 1970, in truth.
    var unixMilliseconds: Int64

    /// The clock of a device with a time of its own.
    enum DeviceClock {
        case exact
        /// Runs so many milliseconds ahead (or behind, if negative).
        case ahead(Int64)
        /// Was never set: it counts from 1970.
        case sinceBoot
    }

    func milliseconds(on clock: DeviceClock) -> Int64 {
        switch clock {
        case .exact: unixMilliseconds
        case .ahead(let lead): unixMilliseconds + lead
        case .sinceBoot: Int64(elapsed * 1000)
        }
    }

    /// As Tasmota writes it: local time without a zone, whole seconds, such as `2026-11-23T20:04:27`.
    func localText(on clock: DeviceClock) -> String {
        let milliseconds = milliseconds(on: clock)
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return Moment.text(parts)
    }

    /// RFC 3339 in UTC, such as `2026-11-23T13:04:27.250Z`, of milliseconds since 1970.
    static func utcText(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return text(parts) + "." + String(1000 + milliseconds % 1000).dropFirst() + "Z"
    }

    private static func text(_ parts: tm) -> String {
        "\(parts.tm_year + 1900)-\(twoDigits(parts.tm_mon + 1))-\(twoDigits(parts.tm_mday))T"
            + "\(twoDigits(parts.tm_hour)):\(twoDigits(parts.tm_min)):\(twoDigits(parts.tm_sec))"
    }

    /// Now, in milliseconds since 1970.
    static func wallClock() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}

private func twoDigits(_ number: Int32) -> String {
    number < 10 ? "0\(number)" : "\(number)"
}
