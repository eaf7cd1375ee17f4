import Readings
import Testing

@testable import PayloadDecoders

@Suite("SenML packs are resolved as RFC 8428 says, in JSON and in CBOR")
struct SenMLTests {
    private func summary(_ payload: String) -> [String] {
        var household = Household()
        let decoded = household.send("any/topic", payload)
        #expect(decoded.refusal == nil && decoded.convention == .senML)
        return decoded.summary
    }

    @Test func aBaseNameHoldsUntilTheNextOne() {
        let pack = """
            [{"bn":"urn:dev:mac:aa01/","bu":"Cel"},{"n":"in","v":4.5},{"n":"out","v":-3},
             {"bn":"urn:dev:mac:aa02_","n":"in","u":"%RH","v":61}]
            """
        #expect(
            summary(pack) == [
                "urn:dev:mac:aa01 in 4.5 Cel", "urn:dev:mac:aa01 out -3.0 Cel", "urn:dev:mac:aa02 in 61.0 %",
            ])
    }

    @Test func aNameAloneIsSplitAtItsLastSlash() {
        #expect(summary(#"[{"n":"barn/2/CO2-Level","u":"ppm","v":640}]"#) == ["barn/2 co2_level 640.0 ppm"])
        #expect(summary(#"[{"bn":"barn/2/flow","v":7}]"#) == ["barn/2 flow 7.0 -"])
    }

    @Test func namesMayBeOfAnyScript() {
        #expect(summary("[{\"bn\":\"ao/ba\u{301}/\",\"n\":\"Độ ẩm\",\"v\":1}]") == ["ao/bá do_am 1.0 -"])
        #expect(summary("[{\"n\":\"ao/\u{301}x\",\"v\":1},{\"n\":\"d/serial\",\"v\":1}]") == ["ao x 1.0 -"])
    }

    @Test func withoutAnySlashTheUnitTellsTheMetric() {
        #expect(
            summary(#"[{"bn":"urn:dev:x9","u":"hPa","v":1013},{"u":"W","v":40},{"u":"furlong","v":1},{"v":2}]"#) == [
                "urn:dev:x9 power 40.0 W", "urn:dev:x9 pressure 1013.0 hPa", "urn:dev:x9 value 1.0 furlong",
                "urn:dev:x9 value 2.0 -",
            ])
    }

    @Test func baseValuesAreAdded() {
        #expect(
            summary(#"[{"bn":"s","bv":20,"n":"a","v":0.5},{"n":"b","v":-1},{"n":"c","bv":0,"v":1}]"#) == [
                "s a 20.5 -", "s b 19.0 -", "s c 1.0 -",
            ])
    }

    /// Coulomb and farad, not Celsius and Fahrenheit; RFC 8798's multiples; degrees.
    @Test(arguments: [
        ("C", "2.0 C"), ("F", "2.0 F"), ("K", "-271.15 Cel"), ("l", "2.0 L"), ("mV", "0.002 V"), ("kW", "2000.0 W"),
        ("Pa", "0.02 hPa"), ("Wh", "0.002 kWh"), ("%EL", "2.0 %"), ("lat", "2.0 deg"), ("/", "2.0 1"), ("B", "2.0 By"),
    ])
    func unitsAreThoseOfTheRegistry(symbol: String, expected: String) {
        #expect(summary(#"[{"bn":"d/","n":"x","u":"\#(symbol)","v":2}]"#) == ["d x \(expected)"])
    }

    @Test func textsDataAndSumsAreNoReadings() {
        #expect(
            summary(
                #"[{"bn":"d/","n":"a","vs":"12"},{"n":"b","vd":"AQI"},{"n":"c","s":9},{"n":"e","u":"A","vb":true}]"#)
                == ["d e 1.0 -"])
    }

    @Test func timesBelow2To28AreRelativeToNow() {
        var household = Household()
        let now = Household.now
        func times(_ payload: String, retained: Bool = false) -> [Timestamp] {
            household.send("t", payload, retained: retained).readings.map(\.time)
        }
        #expect(
            times(#"[{"bn":"d/","n":"x","t":-60,"v":1},{"n":"x","v":2},{"n":"x","t":0.5,"v":3}]"#) == [
                now.advanced(byMilliseconds: -60_000), now, now.advanced(byMilliseconds: 500),
            ])
        #expect(
            times(#"[{"bn":"d/","bt":1795420000,"n":"x","t":30.25,"v":1}]"#) == [
                Timestamp(milliseconds: 1_795_420_030_250)
            ])
        // From a clock that was never set, or a day and more ahead.
        #expect(times(#"[{"bn":"d/","n":"x","t":300000000,"v":1}]"#) == [now])
        #expect(times(#"[{"bn":"d/","n":"x","t":200000,"v":1}]"#) == [now])
        #expect(times(#"[{"bn":"d/","n":"x","t":-5,"v":1},{"n":"x","t":1e300,"v":1}]"#, retained: true) == [])
        #expect(
            times(#"[{"bn":"d/","n":"x","t":1795420000,"v":1},{"n":"x","v":1}]"#, retained: true) == [
                Timestamp(milliseconds: 1_795_420_000_000)
            ])
    }

    @Test(arguments: [
        (#"[{"bn":"d/","n":"x","v":1,"sec_":2}]"#, Refusal.Reason.unsupported),
        (#"[{"bn":"d/","bver":11,"n":"x","v":1}]"#, .unsupported),
        (#"[{"bn":"d/","n":"x","v":1},{"bver":12}]"#, .unsupported), (#"[{"v":1}]"#, .invalidName),
        (#"[{"bn":"","n":"","v":1}]"#, .invalidName), (#"[{"n":"a\u202eb","v":1}]"#, .invalidName),
    ])
    func whatCannotBeUnderstoodIsRefusedWhole(payload: String, reason: Refusal.Reason) {
        var household = Household()
        let decoded = household.send("t", payload)
        #expect(decoded.refusal?.reason == reason && decoded.readings.isEmpty)
    }

    @Test func whatMayBeIgnoredIs() {
        #expect(summary(#"[{"bn":"d/","bver":5,"n":"x","v":1,"gps":[1,2],"ut":60,"l":"…"}]"#) == ["d x 1.0 -"])
        // RFC 9100: 10, and 2⁴ for the secondary units.
        #expect(summary(#"[{"bn":"d/","bver":26,"n":"x","u":"mA","v":5}]"#) == ["d x 0.005 A"])
    }

    @Test(arguments: [
        #"[{"ts":1795420800000,"values":{"t":1}}]"#, #"[{"n":"x","t":21}]"#, "[]", "[1,2]", #"[{"v":1,"w":2}]"#,
    ])
    func otherListsAreNotSenML(payload: String) {
        var household = Household()
        #expect(household.send("a/b", payload).convention == .generic)
    }

    // MARK: - CBOR

    private static func pack(_ records: [UInt8]...) -> [UInt8] { [0x80 | UInt8(records.count)] + records.joined() }
    private static func map(_ pairs: [UInt8]...) -> [UInt8] { [0xA0 | UInt8(pairs.count)] + pairs.joined() }
    private static func text(_ text: String) -> [UInt8] { [0x60 | UInt8(text.utf8.count)] + Array(text.utf8) }

    private static let baseName = [0x21] + text("d/")
    private static let name = [0x00] + text("x")

    /// RFC 8949 appendix A's kinds of numbers: each as the bytes behind label 2.
    @Test(
        arguments: [
            ([0x18, 0x64], 100), ([0x1B, 0x00, 0x00, 0x00, 0xE8, 0xD4, 0xA5, 0x10, 0x00], 1e12), ([0x29], -10),
            ([0x1B] + Array(repeating: 0xFF, count: 8), 18_446_744_073_709_551_616.0),
            ([0x3B] + Array(repeating: 0xFF, count: 8), -18_446_744_073_709_551_616.0),
            ([0xF9, 0x3E, 0x00], 1.5), ([0xF9, 0xC4, 0x00], -4), ([0xF9, 0x00, 0x01], 5.960464477539063e-8),
            ([0xF9, 0x04, 0x00], 6.103515625e-5), ([0xF9, 0x7B, 0xFF], 65504),
            ([0xFA, 0x47, 0xC3, 0x50, 0x00], 100_000),
            ([0xFB, 0xC0, 0x10, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66], -4.1),
            ([0xC2, 0x49, 0x01] + Array(repeating: 0x00, count: 8), 18_446_744_073_709_551_616.0),
            ([0xC3, 0x41, 0x09], -10), ([0xC2, 0x5F, 0x41, 0x01, 0x41, 0x00, 0xFF], 256),
            ([0xC4, 0x82, 0x21, 0x19, 0x6A, 0xB3], 273.15), ([0xC4, 0x82, 0x02, 0x38, 0x1D], -3000),
            ([0xC4, 0x82, 0x20, 0xC2, 0x41, 0x7B], 12.3), ([0xC5, 0x82, 0x20, 0x03], 1.5),
            ([0xC4, 0x9F, 0x21, 0x19, 0x6A, 0xB3, 0xFF], 273.15), ([0xD8, 0x64, 0x07], 7),
        ] as [([UInt8], Double)])
    func numbersOfEachForm(bytes: [UInt8], expected: Double) {
        var household = Household()
        let decoded = household.send("t", bytes: Self.pack(Self.map(Self.baseName, Self.name, [0x02] + bytes)))
        #expect(decoded.readings.map(\.value) == [expected])
    }

    @Test(
        arguments: [
            [0xF9, 0x7E, 0x00], [0xF9, 0xFC, 0x00], [0xF6], [0xF7], [0xF5], [0x61, 0x31], [0x41, 0x31], [0x81, 0x01],
            [0xA0],
            [0xC4, 0x82, 0x19, 0x03, 0xE8, 0x01], [0xC4, 0x81, 0x01], [0xC4, 0x01], [0xE0], [0xF8, 0x20],
            [0xC2, 0x58, 0x82] + Array(repeating: 0xFF, count: 130),
        ] as [[UInt8]])
    func whatIsNoNumberIsNoReadingAndTheRestStands(bytes: [UInt8]) {
        var household = Household()
        let decoded = household.send(
            "t",
            bytes: Self.pack(
                Self.map(Self.baseName, Self.name, [0x02] + bytes), Self.map([0x00] + Self.text("y"), [0x02, 0x05])))
        #expect(decoded.refusal == nil && decoded.summary == ["d y 5.0 -"])
    }

    @Test func listsMapsAndTextsMayBeOfUntoldLength() {
        var household = Household()
        let record: [UInt8] =
            [0xBF] + Self.baseName + [0x00, 0x7F, 0x62] + Array("hu".utf8) + [0x60, 0x61] + Array("m".utf8)
            + [0xFF, 0x61] + Array("u".utf8) + Self.text("%RH") + Self.text("v") + [0x18, 0x2A, 0xFF]
        for bytes in [[0x9F] + record + [0xFF], [0xD9, 0xD9, 0xF7, 0x81] + record, [0x98, 0x01] + record] {
            let decoded = household.send("t", bytes: bytes)
            #expect(decoded.summary == ["d hum 42.0 %"] && decoded.convention == .senML)
        }
    }

    @Test(
        arguments: [
            ([0x81], Refusal.Reason.malformed), ([0x81, 0x01], .malformed), ([0x80, 0x00], .malformed),
            ([0x81, 0xA1, 0x02], .malformed), ([0x81, 0xA1, 0x02, 0x1C], .malformed), ([0x9F, 0xA0], .malformed),
            ([0x81, 0xBF, 0x02, 0xFF], .malformed),
            ([0x81, 0xA1, 0x02, 0x5B] + Array(repeating: 0xFF, count: 8), .malformed),
            ([0x9B] + Array(repeating: 0xFF, count: 8), .malformed),
            ([0x81, 0xA1, 0x00, 0x7F, 0x41, 0x31, 0xFF], .malformed),
            ([0x81, 0xA1, 0x02] + Array(repeating: 0x81, count: 5000), .nestedTooDeep),
            ([0x81, 0xA1, 0x02] + Array(repeating: 0xC1, count: 5000), .nestedTooDeep),
            ([0x81, 0xA1, 0x00, 0x61, 0xFF], .invalidUTF8), ([0x81, 0xA1, 0x62, 0x78, 0x5F, 0x01], .unsupported),
            ([0x81, 0xA1, 0x20, 0x0B], .unsupported), ([0x81, 0xA1, 0x02, 0x01], .invalidName),
        ] as [([UInt8], Refusal.Reason)])
    func brokenPacksAreRefused(bytes: [UInt8], reason: Refusal.Reason) {
        var household = Household()
        let decoded = household.send("t", bytes: bytes)
        #expect(decoded.refusal?.reason == reason && decoded.readings.isEmpty)
    }
}
