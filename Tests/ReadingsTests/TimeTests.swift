import Readings
import TestSupport
import Testing

@Suite("Times are exact, before 1970 and at the ends of 64 bits too")
struct TimeTests {
    @Test(
        "known instants and their calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_164_800_123, "2024-02-29T00:00:00.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"), (1_763_884_800_250, "2025-11-23T08:00:00.250Z"),
        ] as [(Int64, String)])
    func calendar(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
    }

    @Test("a time survives the way to the calendar and back")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 0x71)
        for _ in 0..<20_000 {
            // 0000-01-01 to 9999-12-31
            let time = Timestamp(
                milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random))
            let east = Int.random(in: -50_400...50_400, using: &random)
            let civil = CivilTime(utc: time)
            let again = CivilTime(
                year: civil.year, month: civil.month, day: civil.day, hour: civil.hour, minute: civil.minute,
                second: civil.second, millisecond: civil.millisecond)
            #expect(again == civil, "seed \(random.seed): \(time.milliseconds)")
            #expect(civil.timestamp(secondsEastOfUTC: 0) == time, "seed \(random.seed): \(time.milliseconds)")
            #expect(civil.timestamp(secondsEastOfUTC: east) == time.advanced(byMilliseconds: Int64(-east) * 1000))
        }
    }

    @Test("days that do not exist are refused")
    func impossibleDays() {
        #expect(CivilTime(year: 2023, month: 2, day: 29) == nil)
        #expect(CivilTime(year: 1900, month: 2, day: 29) == nil)
        #expect(CivilTime(year: 2000, month: 2, day: 29) != nil)
        #expect(CivilTime(year: 2024, month: 4, day: 31) == nil)
        #expect(CivilTime(year: 2024, month: 13, day: 1) == nil)
        #expect(CivilTime(year: 2024, month: 1, day: 0) == nil)
        #expect(CivilTime(year: 2024, month: 1, day: 1, hour: 24) == nil)
        #expect(CivilTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60) != nil)
        #expect(CivilTime(year: Int.max, month: 1, day: 1) == nil)
    }

    @Test("nothing traps at the ends of the range")
    func extremes() {
        let first = Timestamp(milliseconds: .min)
        let last = Timestamp(milliseconds: .max)
        #expect(last.advanced(byMilliseconds: 1) == last)
        #expect(first.advanced(byMilliseconds: -1) == first)
        #expect(last.milliseconds(since: first) == .max)
        #expect(first.milliseconds(since: last) == .min)
        #expect(last.rfc3339 == "292278994-08-17T07:12:55.807Z")
        #expect(first.rfc3339 == "-292275055-05-16T16:47:04.192Z")
    }

    @Test("seconds become milliseconds by rounding, and what is no time becomes none")
    func seconds() {
        #expect(Timestamp(secondsSince1970: 1.0005)?.milliseconds == 1001)
        #expect(Timestamp(secondsSince1970: -0.0004)?.milliseconds == 0)
        #expect(Timestamp(secondsSince1970: .nan) == nil)
        #expect(Timestamp(secondsSince1970: .infinity) == nil)
        #expect(Timestamp(secondsSince1970: 1e300) == nil)
        #expect(Timestamp(milliseconds: 1500).secondsSince1970 == 1.5)
    }
}
