import TestSupport
import Testing

@testable import PayloadDecoders

@Suite("Numbers and words become values by one rule")
struct ValueTests {
    private func number(_ text: String) -> Double? {
        withBytes(text) { DecimalNumber.parse($0) }
    }

    private func value(_ text: String) -> TextValue {
        withBytes(text) { TextValue($0) }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("+5", 5), ("12.79", 12.79), (".5", 0.5), ("5.", 5), ("-1.5e-3", -0.0015),
            ("1E5", 1e5),
            ("9007199254740993", 9_007_199_254_740_992), ("1e-400", 0), ("-1e-400", 0), ("0e999999999999", 0),
            ("1.7976931348623157e308", .greatestFiniteMagnitude), ("4.9e-324", .leastNonzeroMagnitude),
            ("123456789012345678901234567890", 1.2345678901234568e29),
            ("0.1234567890123456789012345", 0.12345678901234568),
            ("1e400", .infinity), ("-1e400", -.infinity), ("1e999999999999999999999", .infinity),
            ("100000000000000000000000e-23", 1), ("0.00000000000000000000000000001e29", 1),
        ] as [(String, Double)])
    func decimalNumbers(text: String, expected: Double) {
        #expect(number(text) == expected)
        #expect(number(text)?.sign == (expected < 0 ? .minus : .plus))
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "0x10", "1,5", "1 2", "21 °C", "inf", "nan", "1_000", "--1", "1.2.3", "٣",
        "000005937C90", " 1",
    ])
    func notDecimalNumbers(text: String) {
        #expect(number(text) == nil)
    }

    @Test func everyNumberIsReadToTheNearestDouble() {
        var random = SeededGenerator(seed: 0x0DEC_0DE5)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(number("\(value)") == value, "seed \(random.seed): \(value)")
            let short = Double(Int.random(in: -99_999_999...99_999_999, using: &random)) / 1000
            #expect(number("\(short)") == short, "seed \(random.seed): \(short)")
        }
    }

    @Test(
        arguments: [
            ("on", 1), ("ON", 1), ("True", 1), ("open", 1), ("off", 0), ("false", 0), ("Closed", 0), ("CLOSE", 0),
            (" 37.00\r\n", 37), ("\ton ", 1),
        ] as [(String, Double)])
    func wordsAndBlanks(text: String, expected: Double) {
        #expect(value(text) == .value(expected))
    }

    @Test(arguments: ["nan", "None", "null", "unavailable", "inf", "1e400"])
    func whatSaysThatThereIsNoValue(text: String) {
        #expect(value(text) == .noValue)
    }

    @Test(arguments: ["", "opened", "onn", "yes", "21.5 °C", "0x1F", "1,5", "single"])
    func otherTexts(text: String) {
        #expect(value(text) == .text)
    }

    @Test(
        arguments: [
            ("°C", 21.5, "Cel", 21.5), ("°F", 212, "Cel", 100), ("F", 32, "Cel", 0), ("K", 273.15, "Cel", 0),
            ("Pa", 101_325, "hPa", 1013.25), ("kPa", 100, "hPa", 1000), ("bar", 1, "hPa", 1000),
            ("mmHg", 760, "hPa", 1013.250144354), ("inHg", 30, "hPa", 1015.916600001),
            ("psi", 10, "hPa", 689.475729318),
            ("mV", 2985, "V", 2.985), ("mA", 250, "A", 0.25), ("mW", 1500, "W", 1.5), ("kW", 2.5, "W", 2500),
            ("Wh", 217, "kWh", 0.217), ("MWh", 0.5, "kWh", 500), ("Wmin", 40, "kWh", 40.0 / 60_000),
            ("km/h", 36, "m/s", 10), ("mph", 100, "m/s", 44.704), ("kn", 3600, "m/s", 1852), ("in", 2, "mm", 50.8),
            ("gal", 2, "L", 7.570823568), ("%RH", 40, "%", 40), ("%EL", 40, "%", 40), ("/", 0.5, "1", 0.5),
            ("#", 3, "1", 3), ("lux", 7, "lx", 7), ("°", 90, "deg", 90), ("µg/m³", 8, "ug/m3", 8),
            ("\u{2126}", 4, "Ohm", 4), ("\u{3A9}", 4, "Ohm", 4),
            // Not in the table: as it is.
            ("µS/cm", 4, "µS/cm", 4), ("mg/L", 4, "mg/L", 4), (" dBm ", -70, "dBm", -70),
        ] as [(String, Double, String, Double)])
    func units(spelling: String, value: Double, unit: String, converted: Double) throws {
        let known = try #require(UnitTable.unit(spelling))
        #expect(known.name == unit)
        #expect(abs(known.converted(value) - converted) <= 1e-12 * converted.magnitude)
    }

    @Test func whatIsNoUnitIsNone() {
        #expect(UnitTable.unit("") == nil)
        #expect(UnitTable.unit(" ") == nil)
        #expect(UnitTable.unit("lqi") == nil)
        #expect(UnitTable.unit("a\u{0}") == nil)
        #expect(UnitTable.unit(String(repeating: "x", count: 33)) == nil)
    }
}

/// The bytes of a text, for functions that borrow them.
func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    Array(text.utf8).withUnsafeBytes(body)
}
