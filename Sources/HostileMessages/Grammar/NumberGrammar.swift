import Readings
import TestSupport

/// Numbers and times as texts: ordinary ones, and those at which arithmetic breaks.
enum NumberGrammar {
    private static let extremes = [
        "0", "-0", "-0.0", "1e400", "-1e400", "1e-400", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "18446744073709551615", "18446744073709551616", "1.7976931348623157e308",
        "1.7976931348623159e308", "4.9e-324", "2.2250738585072011e-308", "0.1e-1000000000", "1E+99999999999", "1e19",
        "0.00000000000000000001", "9007199254740993", "-1", "65535", "1e22", "1e23", "01", "+1", ".5", "5.", "1e",
        "--1",
        "0x10", "NaN", "Infinity", "-inf", "1_000", "1,5", "٣",
    ]

    static func number(_ random: inout SeededGenerator) -> String {
        switch random.below(10) {
        case 0..<5: return "\(random.below(2000) - 500)"
        case 5..<7: return "\(random.below(100)).\(random.below(1000))"
        case 7: return "\(random.below(10))e\(random.below(80) - 40)"
        case 8: return random.pick(extremes)
        default:
            let digits = random.isOne(in: 50) ? 3000 : 25
            return String(repeating: random.pick(["9", "1", "0", "12345"]), count: 1 + random.below(digits))
        }
    }

    private static let written = [
        "2026-11-23T07:59:58", "2026-11-23T07:59:58Z", "2026-11-23 15:00:00.123456789+0700",
        "2026-11-23T08:00:00+07:00",
        "2026-02-30T00:00:00", "0000-01-01T00:00:00", "9999-12-31T23:59:60", "9999-12-31T23:59:59-23:59",
        "0000-01-01T00:00:00+23:59", "1970-01-01T00:00:00", "2026-03-29T02:30:00", "2026-10-25T02:30:00",
        "23/11/2026 07:59:58", "2026.11.23 07:59", "2026-11-23T07:59:58.1234567890Z", "20261123T075958", "@0.1s",
        "9223372036854775807", "-9223372036854775808", "1e18", "1e308", "-1e17", "0", "946684799", "1e11",
        "99999999999.9995",
    ]

    /// Around `now` in any unit, or written out, or far off.
    static func time(_ random: inout SeededGenerator, now: Timestamp) -> String {
        let milliseconds = now.milliseconds &- Int64(random.below(100_000_000)) &+ 40_000_000
        switch random.below(8) {
        case 0, 1: return "\(milliseconds / 1000)"
        case 2, 3: return "\(milliseconds)"
        case 4: return "\(milliseconds / 1000).\(random.below(1000))"
        case 5: return "\(milliseconds &* 1_000_000)"
        default: return random.pick(written)
        }
    }
}
