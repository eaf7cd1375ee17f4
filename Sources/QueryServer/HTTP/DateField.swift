import Foundation

/// The `Date` of answers (RFC 9110 §6.6.1), written once for each second.
struct DateField {
    private var second = time_t.min
    private var written = ""

    mutating func text(at now: time_t = time(nil)) -> String {
        if now != second {
            second = now
            written = DateField.text(of: now)
        }
        return written
    }

    /// As in `Sun, 06 Nov 1994 08:49:37 GMT`; the program's locale is C's.
    private static func text(of second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { text in
            let length = strftime(text.baseAddress, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: UnsafeRawBufferPointer(text)[..<length], as: UTF8.self)
        }
    }
}
