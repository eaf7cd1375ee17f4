import Readings

/// A time as a message gives it, before it is known whether to believe it.
enum WrittenTime: Equatable {
    /// A certain instant: an epoch, or a civil time with its distance from UTC.
    case instant(Timestamp)
    /// What the household's clocks showed.
    case local(CivilTime)

    /// A count since 1970: in seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude. Cut to
    /// milliseconds. Nil if it is not finite or beyond what 64 bits of milliseconds hold.
    init?(epoch: Double) {
        let milliseconds: Double
        switch epoch.magnitude {
        case ..<1e11: milliseconds = epoch * 1000
        case ..<1e14: milliseconds = epoch
        case ..<1e17: milliseconds = epoch / 1000
        default: milliseconds = epoch / 1_000_000
        }
        // A Double of nanoseconds is off by up to 0.0002 ms; without the addend the cut would make that a whole one.
        guard let whole = Int64(exactly: (milliseconds + 0.0005).rounded(.down)) else { return nil }
        self = .instant(Timestamp(milliseconds: whole))
    }

    /// As above, without the loss that a `Double` of nanoseconds has.
    init(epoch: Int64) {
        let milliseconds =
            switch epoch.magnitude {
            case ..<100_000_000_000: epoch * 1000
            case ..<100_000_000_000_000: epoch
            case ..<100_000_000_000_000_000: epoch / 1000
            default: epoch / 1_000_000
            }
        self = .instant(Timestamp(milliseconds: milliseconds))
    }

    /// A text: a count as above, or year, month, day (with `-`, `.` or `/`), `T` or blank, hours, minutes, seconds with
    /// up to nine decimals, and `Z` or the distance from UTC, if it is told. Nil for anything else.
    init?(_ text: UnsafeRawBufferPointer) {
        let trimmed = ASCII.trimmed(text)
        if let number = DecimalNumber.parse(trimmed) {
            self.init(epoch: number)
            return
        }
        var reader = Reader(bytes: trimmed)
        guard let civil = reader.civilTime() else { return nil }
        if reader.isAtEnd {
            self = .local(civil)
        } else if let secondsEastOfUTC = reader.distanceFromUTC(), reader.isAtEnd {
            self = .instant(civil.timestamp(secondsEastOfUTC: secondsEastOfUTC))
        } else {
            return nil
        }
    }

    /// Takes a written time apart.
    struct Reader {
        let bytes: UnsafeRawBufferPointer
        var index = 0

        var isAtEnd: Bool { index == bytes.count }

        mutating func civilTime() -> CivilTime? {
            guard let year = digits(4), let separator = next(oneOf: "-./"), let month = digits(2),
                next(separator), let day = digits(2), next(oneOf: "Tt ") != nil,
                let hour = digits(2), next(UInt8(ascii: ":")), let minute = digits(2)
            else { return nil }
            var second = 0
            var millisecond = 0
            if next(UInt8(ascii: ":")) {
                guard let written = digits(2) else { return nil }
                second = written
                if next(UInt8(ascii: ".")) {
                    guard let fraction = milliseconds() else { return nil }
                    millisecond = fraction
                }
            }
            return CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                millisecond: millisecond)
        }

        /// `Z`, `±hh`, `±hhmm` or `±hh:mm`, in seconds.
        mutating func distanceFromUTC() -> Int? {
            if next(oneOf: "Zz") != nil { return 0 }
            _ = next(UInt8(ascii: " "))
            guard let sign = next(oneOf: "+-"), let hours = digits(2), hours <= 23 else { return nil }
            var minutes = 0
            if !isAtEnd {
                _ = next(UInt8(ascii: ":"))
                guard let written = digits(2), written <= 59 else { return nil }
                minutes = written
            }
            let seconds = hours * 3600 + minutes * 60
            return sign == UInt8(ascii: "-") ? -seconds : seconds
        }

        /// One to nine decimals, cut after the third.
        mutating func milliseconds() -> Int? {
            var value = 0
            var count = 0
            while index < bytes.count, let digit = digit(bytes[index]) {
                if count < 3 { value = value * 10 + digit }
                count += 1
                index += 1
            }
            guard (1...9).contains(count) else { return nil }
            for _ in min(count, 3)..<3 { value *= 10 }
            return value
        }

        @inline(__always)
        mutating func digits(_ count: Int) -> Int? {
            guard bytes.count - index >= count else { return nil }
            var value = 0
            for offset in 0..<count {
                guard let digit = digit(bytes[index + offset]) else { return nil }
                value = value * 10 + digit
            }
            index += count
            return value
        }

        private func digit(_ byte: UInt8) -> Int? {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
        }

        /// The next character, if it is one of `allowed`.
        mutating func next(oneOf allowed: StaticString) -> UInt8? {
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            guard allowed.withUTF8Buffer({ $0.contains(byte) }) else { return nil }
            index += 1
            return byte
        }

        /// Whether the next character is `byte`; it is passed then.
        mutating func next(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }
    }
}
