import Glibc

/// Reads the times that CSV files have.
enum WrittenTimes {
    /// Milliseconds since 1970 of an epoch in seconds or milliseconds, of `2016-01-11 17:30[:00[.5]][Z]` with `-` or `/`, or
    /// of `14/02/2016 0:10`. Without a zone it is local time. Nil for anything else.
    static func milliseconds(_ text: String) -> Int64? {
        if let number = Double(text) {
            guard number >= 1e8, number < 1e14 else { return nil }
            return Int64(number < 1e11 ? number * 1000 : number)
        }
        let isUTC = text.hasSuffix("Z")
        var numbers: [Int] = []
        var widths: [Int] = []
        for part in text.split(whereSeparator: { "-/: T.Z".contains($0) }) {
            guard let number = Int(part), number >= 0 else { return nil }
            numbers.append(number)
            widths.append(part.utf8.count)
        }
        guard numbers.count >= 3, numbers.count <= 7 else { return nil }
        if widths[2] == 4 { numbers.swapAt(0, 2) } else if widths[0] != 4 { return nil }
        numbers += Array(repeating: 0, count: 7 - numbers.count)
        guard (1...12).contains(numbers[1]), (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60,
            numbers[5] <= 60
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(clamping: numbers[0] - 1900)
        parts.tm_mon = Int32(numbers[1] - 1)
        parts.tm_mday = Int32(numbers[2])
        parts.tm_hour = Int32(numbers[3])
        parts.tm_min = Int32(numbers[4])
        parts.tm_sec = Int32(numbers[5])
        parts.tm_isdst = -1
        let seconds = Int64(isUTC ? timegm(&parts) : mktime(&parts))
        var fraction = 0
        if widths.count == 7, widths[6] <= 9 {
            var scale = 1
            for _ in 0..<widths[6] { scale *= 10 }
            fraction = numbers[6] * 1000 / scale
        }
        return seconds * 1000 + Int64(fraction)
    }
}
