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

    /// As servers write it today, and the two ways of old (RFC 9110 §5.6.7).
    private static let formats = [
        "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy",
    ]

    private static func date(_ text: String) -> Date? {
        let reader = DateFormatter()
        reader.locale = Locale(identifier: "en_US_POSIX")
        reader.timeZone = TimeZone(secondsFromGMT: 0)
        return formats.lazy.compactMap { format in
            reader.dateFormat = format
            return reader.date(from: text)
        }.first
    }
}
