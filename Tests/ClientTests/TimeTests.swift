import Foundation
import Readings
import TestSupport
import Testing

@testable import quantrac

@Suite("Times are understood as people write them, in the local time zone")
struct TimeTests {
    private let clock = SampleReports.clock

    private func utc(_ text: String, _ clock: LocalClock? = nil) -> String? {
        InstantText.parse(text, clock: clock ?? self.clock)?.rfc3339
    }

    @Test(arguments: [
        ("now", "2026-11-23T07:03:20.000Z"), ("24h", "2026-11-22T07:03:20.000Z"), ("90m", "2026-11-23T05:33:20.000Z"),
        ("1h30m", "2026-11-23T05:33:20.000Z"), ("7d", "2026-11-16T07:03:20.000Z"), ("1W", "2026-11-16T07:03:20.000Z"),
        ("500ms", "2026-11-23T07:03:19.500Z"), ("today", "2026-11-22T17:00:00.000Z"),
        ("Yesterday", "2026-11-21T17:00:00.000Z"), ("hôm nay", "2026-11-22T17:00:00.000Z"),
        ("hom  qua", "2026-11-21T17:00:00.000Z"), ("2026-11-23 14:00", "2026-11-23T07:00:00.000Z"),
        ("2026-11-23T14:00:30", "2026-11-23T07:00:30.000Z"), ("2026-11-23", "2026-11-22T17:00:00.000Z"),
        ("2026-11-23T14:00:00Z", "2026-11-23T14:00:00.000Z"), ("2026-11-23t14:00:00.25z", "2026-11-23T14:00:00.250Z"),
        ("2026-11-23T14:00:00+02:00", "2026-11-23T12:00:00.000Z"),
        ("2026-11-23 14:00 -0330", "2026-11-23T17:30:00.000Z"), ("1795417400", "2026-11-23T07:03:20.000Z"),
        ("1795417400.5", "2026-11-23T07:03:20.500Z"), ("1795417400500", "2026-11-23T07:03:20.500Z"),
        ("  24h ", "2026-11-22T07:03:20.000Z"),
    ])
    func understood(_ text: String, _ expected: String) {
        #expect(utc(text) == expected)
    }

    @Test(arguments: [
        "", " ", "24", "0", "tomorrow", "1.5h", "h", "-1h", "0s", "999999999999y", "99999999999999999999d",
        "2026-13-01",
        "2026-02-30", "2026-11-23 25:00", "2026-11-23 14", "2026-11-23 14:00:00.", "2026-11-23Z", "26-11-23",
        "2026-11-23T14:00+25:00", "1e9", "0x10", "٢٤h", "NaN", "2026-11-23T14:00:00Zx",
    ])
    func refused(_ text: String) {
        #expect(utc(text) == nil)
    }

    @Test func noTextCrashes() {
        var random = SeededGenerator(seed: 3)
        let alphabet = Array("0123456789-:T Z+.hdmsywNÀ\u{0}")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "0" })
            if let time = InstantText.parse(text, clock: clock) {
                #expect(abs(time.secondsSince1970) < 1e12, "seed 3: '\(text)'")
            }
        }
    }

    @Test func clocksThatChangeAreHandled() throws {
        let berlin = LocalClock(now: clock.now, zone: try #require(TimeZone(identifier: "Europe/Berlin")))
        #expect(utc("2026-07-01 12:00", berlin) == "2026-07-01T10:00:00.000Z")
        #expect(utc("2026-12-01 12:00", berlin) == "2026-12-01T11:00:00.000Z")
        // 02:30 happened twice on 25 October: the first; and not at all on 29 March: half an hour after the jump.
        #expect(utc("2026-10-25 02:30", berlin) == "2026-10-25T00:30:00.000Z")
        #expect(utc("2026-03-29 02:30", berlin) == "2026-03-29T01:30:00.000Z")
        // The day that began at 00:00+02:00 has 25 hours.
        let evening = LocalClock(now: Timestamp(milliseconds: 1_792_962_000_000), zone: berlin.zone)  // 22:00+01:00
        #expect(utc("today", evening) == "2026-10-24T22:00:00.000Z")
    }

    @Test func localTimesAreWrittenAsTheyAreRead() {
        var random = SeededGenerator(seed: 11)
        for zone in ["Asia/Ho_Chi_Minh", "America/St_Johns", "Europe/Berlin", "UTC"].compactMap(
            TimeZone.init(identifier:))
        {
            let clock = LocalClock(now: self.clock.now, zone: zone)
            for _ in 0..<500 {
                let time = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000, using: &random) * 1000)
                let text = clock.dateAndTime(time, seconds: true)
                let again = InstantText.parse(text, clock: clock)
                // In the hour that happens twice the first is meant.
                #expect(
                    again == time || again == time.advanced(byMilliseconds: -3_600_000),
                    "seed 11: \(text) \(zone.identifier)")
            }
        }
        #expect(clock.shortest(clock.now) == "14:03")
        #expect(clock.shortest(clock.now.advanced(byMilliseconds: -86_400_000)) == "2026-11-22 14:03")
        #expect(clock.zoneText(at: clock.now) == "Asia/Ho_Chi_Minh (UTC+07:00)")
    }

    @Test func stepsAreDurationsOrSeconds() {
        #expect(DurationText.step("5m") == 300_000)
        #expect(DurationText.step("300") == 300_000)
        #expect(DurationText.step("0.5") == 500)
        for text in ["", "0", "-5", "1e3", "inf", "nan", "0.0001", "99999999999999"] {
            #expect(DurationText.step(text) == nil, "\(text)")
        }
        #expect(DurationText.text(milliseconds: 300_000) == "5m")
        #expect(DurationText.text(milliseconds: 90_000) == "90s")
        #expect(DurationText.text(milliseconds: 604_800_000) == "1w")
    }

    @Test func durationsHaveTwoUnitsAtMost() {
        let (english, vietnamese) = (SampleReports.english, SampleReports.vietnamese)
        #expect(english.duration(milliseconds: 250) == "250 ms")
        #expect(english.duration(milliseconds: 45_000) == "45 s")
        #expect(english.duration(milliseconds: 90_000) == "1 min 30 s")
        #expect(english.duration(milliseconds: 900_000) == "15 min")
        #expect(english.duration(milliseconds: 11_520_000) == "3 h 12 min")
        #expect(vietnamese.duration(milliseconds: 11_520_000) == "3 giờ 12 phút")
        #expect(vietnamese.duration(milliseconds: 183_600_000) == "2 ngày 3 giờ")
        #expect(english.duration(milliseconds: 183_600_000, coarse: true) == "2 d")
        #expect(english.duration(milliseconds: 250, coarse: true) == "0 s")
        #expect(english.ago(-5000) == "0 s ago")
        #expect(vietnamese.ago(300_000) == "5 phút trước")
        #expect(english.duration(seconds: .infinity) == "?")
        #expect(english.duration(milliseconds: .max).isEmpty == false)
    }
}
