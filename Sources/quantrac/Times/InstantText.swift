import Readings

/// Instants as people write them after `--since`, `--until` and `--at`.
enum InstantText {
    /// Understands, in this order: `now`, `today`, `yesterday` (and in Vietnamese); a duration, which means that long
    /// ago; seconds since 1970 (milliseconds from 1e11 on); RFC 3339; and a local date with or without a time, such as
    /// `2026-11-23 14:00`. Nil for anything else.
    static func parse(_ text: String, clock: LocalClock) -> Timestamp? {
        let text = text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        switch FoldedName.of(text) {
        case "now", "bay gio": return clock.now
        case "today", "hom nay": return clock.startOfDay(daysAgo: 0)
        case "yesterday", "hom qua": return clock.startOfDay(daysAgo: 1)
        default: break
        }
        if let ago = DurationText.milliseconds(text) { return clock.now.advanced(byMilliseconds: -ago) }
        if let epoch = epoch(text) { return epoch }
        return civil(text, clock: clock)
    }

    /// Numbers before 1973 are refused: `--since 24` is a forgotten unit, not an evening in 1970.
    private static func epoch(_ text: String) -> Timestamp? {
        guard text.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }), let number = Double(text) else { return nil }
        switch number {
        case 1e8..<1e11: return Timestamp(secondsSince1970: number)
        case 1e11..<1e14: return Timestamp(secondsSince1970: number / 1000)
        default: return nil
        }
    }

    private static func civil(_ text: String, clock: LocalClock) -> Timestamp? {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
            scanner.skip("-"), let day = scanner.number(digits: 2)
        else { return nil }
        var (hour, minute, second, millisecond) = (0, 0, 0, 0)
        var hasTime = false
        if scanner.skip("T") || scanner.skip("t") || scanner.skip(" ") {
            guard let hours = scanner.number(digits: 2), scanner.skip(":"), let minutes = scanner.number(digits: 2)
            else { return nil }
            (hour, minute, hasTime) = (hours, minutes, true)
            if scanner.skip(":") {
                guard let seconds = scanner.number(digits: 2) else { return nil }
                second = seconds
                if scanner.skip(".") {
                    guard let fraction = scanner.fraction() else { return nil }
                    millisecond = fraction
                }
            }
        }
        guard
            let time = CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                millisecond: millisecond)
        else { return nil }
        if scanner.isAtEnd { return clock.instant(ofWall: time.timestamp(secondsEastOfUTC: 0)) }
        guard hasTime, let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        return time.timestamp(secondsEastOfUTC: offset)
    }
}

/// Reads fixed-width numbers from the front of a text.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func number(digits: Int) -> Int? {
        let taken = rest.prefix(digits)
        guard taken.count == digits, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(digits)
        return taken.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The digits after the point as milliseconds, cut.
    mutating func fraction() -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        let first = digits.prefix(3).map { Int($0 - 0x30) } + [0, 0]
        return first[0] * 100 + first[1] * 10 + first[2]
    }

    /// `Z`, `±hh:mm` or `±hhmm`, as seconds east of UTC.
    mutating func offset() -> Int? {
        _ = skip(" ")
        if skip("Z") || skip("z") { return 0 }
        let sign = skip("-") ? -1 : skip("+") ? 1 : 0
        guard sign != 0, let hours = number(digits: 2) else { return nil }
        _ = skip(":")
        guard let minutes = number(digits: 2), hours <= 23, minutes <= 59 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
