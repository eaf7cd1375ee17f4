import PromQL
import Readings
import TestSupport
import Testing

@Suite("Numbers, times and durations are written and read as Prometheus does")
struct FormatTests {
    @Test(
        "numbers in the shortest form",
        arguments: [
            // value, sample, scalar, %e, %v
            (0, "0", "0", "0e+00", "0"), (-0.0, "-0", "-0", "-0e+00", "-0"), (1, "1", "1", "1e+00", "1"),
            (-12.5, "-12.5", "-12.5", "-1.25e+01", "-12.5"),
            (0.1, "0.1", "0.1", "1e-01", "0.1"), (1e-6, "0.000001", "0.000001", "1e-06", "1e-06"),
            (1e-7, "1e-07", "0.0000001", "1e-07", "1e-07"),
            (0.0001, "0.0001", "0.0001", "1e-04", "0.0001"), (123456, "123456", "123456", "1.23456e+05", "123456"),
            (1_234_567, "1234567", "1234567", "1.234567e+06", "1.234567e+06"),
            (1e20, "100000000000000000000", "100000000000000000000", "1e+20", "1e+20"),
            (1e21, "1e+21", "1000000000000000000000", "1e+21", "1e+21"),
            (1.5e300, "1.5e+300", "15" + String(repeating: "0", count: 299), "1.5e+300", "1.5e+300"),
            (
                0.30000000000000004, "0.30000000000000004", "0.30000000000000004", "3.0000000000000004e-01",
                "0.30000000000000004"
            ),
            (.leastNonzeroMagnitude, "5e-324", "0." + String(repeating: "0", count: 323) + "5", "5e-324", "5e-324"),
            (
                123_456_789_012_345_680, "123456789012345680", "123456789012345680", "1.2345678901234568e+17",
                "1.2345678901234568e+17"
            ),
            (.infinity, "+Inf", "+Inf", "+Inf", "+Inf"), (-.infinity, "-Inf", "-Inf", "-Inf", "-Inf"),
            (.nan, "NaN", "NaN", "NaN", "NaN"),
        ] as [(Double, String, String, String, String)])
    func numbers(value: Double, sample: String, scalar: String, scientific: String, general: String) {
        #expect(FormattedValue.sample(value) == sample)
        #expect(FormattedValue.scalar(value) == scalar)
        #expect(FormattedValue.scientific(value) == scientific)
        #expect(FormattedValue.general(value) == general)
    }

    @Test("every form of a number reads back as the same number")
    func roundTrip() {
        var random = SeededGenerator(seed: 0xF0)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            for text in [FormattedValue.sample(value), FormattedValue.scientific(value), FormattedValue.general(value)]
            {
                #expect(Double(text)?.bitPattern == value.bitPattern, "seed \(random.seed): \(text)")
            }
        }
    }

    @Test(
        "durations",
        arguments: [
            ("5m", 300_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("1y", 31_536_000_000), ("2w", 1_209_600_000),
            ("100ms", 100),
            ("1m1ms", 60_001), ("0", 0), ("0s", 0), ("292y", 9_208_512_000_000),
        ] as [(String, Int64)])
    func durations(text: String, milliseconds: Int64) throws {
        let duration = try PromQLDuration.parse(text)
        #expect(duration.milliseconds == milliseconds)
        #expect(try PromQLDuration.parse(duration.description) == duration)
    }

    @Test(
        "what is no duration",
        arguments: [
            "", "5", "m", "-5m", "1.5h", "1m1h", "1m1m", "5 m", "5M", "293y", "99999999999999999999s", "1h30", "５m",
        ])
    func badDurations(text: String) {
        let error = #expect(throws: PromQLError.self) { try PromQLDuration.parse(text) }
        #expect(error?.kind == .badData)
    }

    @Test("durations of the HTTP API are seconds or durations")
    func durationParameters() throws {
        #expect(try PromQLDuration.parse(parameter: "15").milliseconds == 15_000)
        #expect(try PromQLDuration.parse(parameter: "0.5").milliseconds == 500)
        #expect(try PromQLDuration.parse(parameter: "1h").milliseconds == 3_600_000)
        for text in ["", "NaN", "inf", "1e30", "-1e300", "x"] {
            #expect(throws: PromQLError.self) { try PromQLDuration.parse(parameter: text) }
        }
        #expect(PromQLDuration(milliseconds: 90_061_001).description == "1d1h1m1s1ms")
        #expect(PromQLDuration(milliseconds: -60_000).description == "-1m")
        #expect(PromQLDuration(milliseconds: .min).description.hasPrefix("-"))
    }

    @Test(
        "times of the HTTP API",
        arguments: [
            ("0", 0), ("4", 4000), ("1700000000.123", 1_700_000_000_123), ("-1.5", -1500), ("1e3", 1_000_000),
            ("1970-01-01T00:00:00Z", 0), ("2026-11-23T08:00:00.5+07:00", 1_795_395_600_500),
            ("2026-11-22T18:00:00.123456789-07:00", 1_795_395_600_123),
        ] as [(String, Int64)])
    func times(text: String, milliseconds: Int64) throws {
        #expect(try PromQLTime.parse(text).milliseconds == milliseconds)
    }

    @Test(
        "what is no time",
        arguments: [
            "", "now", "NaN", "inf", "1e300", "2026-11-23", "2026-11-23T08:00:00", "2026-02-29T00:00:00Z",
            "2026-11-23T08:00:00.Z",
            "2026-11-23T08:00:00+7:00", "2026-11-23T08:00:00+24:00", "2026-11-23T08:00:00Zx", "2026-11-23 08:00:00Z",
        ])
    func badTimes(text: String) {
        let error = #expect(throws: PromQLError.self) { try PromQLTime.parse(text) }
        #expect(error?.kind == .badData)
    }
}
