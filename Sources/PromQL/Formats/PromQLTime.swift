import Readings

/// Times as the HTTP API takes them.
public enum PromQLTime {
    /// Reads a Unix time in seconds (`1700000000.123`) or RFC 3339 (`2026-11-23T08:00:00.5+07:00`).
    /// - Throws: `PromQLError` (bad data).
    public static func parse(_ text: String) throws(PromQLError) -> Timestamp {
        if let seconds = Double(text), let time = Timestamp(secondsSince1970: seconds) { return time }
        if let time = rfc3339(Array(text.utf8)) { return time }
        throw PromQLError(
            .badData,
            "cannot parse \"\(text.prefix(40))\" to a valid timestamp; write Unix seconds or RFC 3339 (2026-11-23T08:00:00Z)"
        )
    }

    /// RFC 3339, section 5.6, with capital T and Z; digits beyond milliseconds are cut off.
    private static func rfc3339(_ bytes: [UInt8]) -> Timestamp? {
        var position = 0
        func number(_ digits: Int) -> Int? {
            guard position + digits <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<(position + digits)] {
                guard "0"..."9" ~= byte else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            position += digits
            return value
        }
        func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == character else { return false }
            position += 1
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T"),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2)
        else { return nil }
        var millisecond = 0
        if take(".") {
            var weight = 100
            guard position < bytes.count, "0"..."9" ~= bytes[position] else { return nil }
            while position < bytes.count, "0"..."9" ~= bytes[position] {
                millisecond += weight * Int(bytes[position] - UInt8(ascii: "0"))
                weight /= 10
                position += 1
            }
        }
        var east = 0
        if !take("Z") {
            let isWest = take("-")
            guard isWest || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            east = (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
        guard position == bytes.count else { return nil }
        let civil = CivilTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond)
        return civil?.timestamp(secondsEastOfUTC: east)
    }
}
