import Foundation

/// How long a server asks us to wait (RFC 9110 §10.2.3).
enum RetryAfter {
    /// In seconds, or until a time. What that is from now on the server's own clock says, which is in the same reply: ours may be
    /// wrong.
    ///
    /// - Returns: nil if it asks for nothing, or for what cannot be understood.
    static func wait(by reply: HTTPReply) -> Duration? {
        guard let wish = reply.header("Retry-After") else { return nil }
        if let seconds = Int(wish) { return .seconds(max(0, seconds)) }
        guard let until = date(wish), let now = reply.header("Date").flatMap(date) else { return nil }
        return .seconds(max(0, until.timeIntervalSince(now)))
    }

    /// Such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    private static func date(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text)
    }
}
