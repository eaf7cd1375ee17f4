import Readings
import Testing

@testable import PayloadDecoders

@Suite("Times are understood in every form that devices write")
struct TimeTests {
    private func written(_ text: String) -> WrittenTime? {
        withBytes(text) { WrittenTime($0) }
    }

    @Test(arguments: [
        "1714550405.25", "1714550405250", "1714550405250123", "1714550405250123456", "1714550405250000000",
        "2024-05-01T08:00:05.25Z", "2024-05-01T08:00:05.250999999Z", "2024-05-01 15:00:05.250+0700",
        "2024-05-01T15:00:05.250+07:00", "2024/05/01 08:00:05.25z", "2024.05.01t08:00:05.25Z",
        "2024-05-01T04:30:05.250-03:30", " 2024-05-01T08:00:05.25Z\n", "2024-05-01 15:00:05.250 +07",
    ])
    func certainInstants(text: String) throws {
        let expected = try #require(Timestamp.utc(2024, 5, 1, 8, 0, 5, 250))
        #expect(written(text) == .instant(expected))
    }

    @Test func epochsAreToldApartByMagnitude() {
        #expect(WrittenTime(epoch: 99_999_999_999) == .instant(Timestamp(milliseconds: 99_999_999_999_000)))
        #expect(WrittenTime(epoch: 1e11) == .instant(Timestamp(milliseconds: 100_000_000_000)))
        #expect(WrittenTime(epoch: 1e14) == .instant(Timestamp(milliseconds: 100_000_000_000)))
        #expect(WrittenTime(epoch: 1e17) == .instant(Timestamp(milliseconds: 100_000_000_000)))
        #expect(WrittenTime(epoch: -1.5) == .instant(Timestamp(milliseconds: -1500)))
        #expect(WrittenTime(epoch: .infinity) == nil)
        #expect(WrittenTime(epoch: .nan) == nil)
        #expect(WrittenTime(epoch: 1e300) == nil)
    }

    @Test func withoutAZoneItIsWhatClocksShow() {
        let civil = CivilTime(year: 2024, month: 5, day: 1, hour: 8, minute: 0, second: 5, millisecond: 7)
        #expect(written("2024-05-01T08:00:05.0071") == civil.map { .local($0) })
    }

    @Test(arguments: [
        "", "yesterday", "0T18:36:12", "2024-05-01", "08:00:05", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z",
        "2024-05-01T24:00:00Z", "2024-05-01T08:00:05.Z", "2024-05-01T08:00:05.1234567890Z", "2024-05/01T08:00:05Z",
        "2024-05-01T08:00:05+24:00", "2024-05-01T08:00:05+07:60", "2024-05-01T08:00:05Zx", "@0.14s",
        "24-05-01T08:00:05",
        "01.05.2024 08:00:05",
    ])
    func whatIsNoTime(text: String) {
        #expect(written(text) == nil)
    }

    private func resolve(
        _ zone: String, _ hour: Int, _ minute: Int, month: Int, day: Int, near: Timestamp?
    ) throws -> Timestamp {
        var clock = ZoneClock(try #require(HouseholdZone(identifier: zone)))
        let civil = try #require(CivilTime(year: 2026, month: month, day: day, hour: hour, minute: minute))
        return clock.timestamp(civil, near: try #require(near))
    }

    @Test func localTimesFollowTheZone() throws {
        let hanoi = try resolve("Asia/Ho_Chi_Minh", 8, 0, month: 7, day: 1, near: .utc(2026, 7, 1))
        #expect(hanoi == Timestamp.utc(2026, 7, 1, 1, 0))
        let summer = try resolve("Europe/Berlin", 8, 0, month: 7, day: 1, near: .utc(2026, 7, 1))
        #expect(summer == Timestamp.utc(2026, 7, 1, 6, 0))
        let winter = try resolve("Europe/Berlin", 8, 0, month: 12, day: 1, near: .utc(2026, 12, 1))
        #expect(winter == Timestamp.utc(2026, 12, 1, 7, 0))
    }

    /// In Berlin clocks go back on 2026-10-25 at 03:00 and forward on 2026-03-29 at 02:00.
    @Test func clocksThatAreSetBackOrForward() throws {
        let first = try resolve("Europe/Berlin", 2, 30, month: 10, day: 25, near: .utc(2026, 10, 25, 0, 31))
        #expect(first == Timestamp.utc(2026, 10, 25, 0, 30))
        let second = try resolve("Europe/Berlin", 2, 30, month: 10, day: 25, near: .utc(2026, 10, 25, 1, 31))
        #expect(second == Timestamp.utc(2026, 10, 25, 1, 30))
        let skipped = try resolve("Europe/Berlin", 2, 30, month: 3, day: 29, near: .utc(2026, 3, 29, 1, 30))
        #expect(skipped == Timestamp.utc(2026, 3, 29, 1, 30))
        let before = try resolve("Europe/Berlin", 1, 59, month: 3, day: 29, near: .utc(2026, 3, 29, 1))
        #expect(before == Timestamp.utc(2026, 3, 29, 0, 59))
        let after = try resolve("Europe/Berlin", 3, 1, month: 3, day: 29, near: .utc(2026, 3, 29, 1))
        #expect(after == Timestamp.utc(2026, 3, 29, 1, 1))
    }

    @Test func theCacheOfOffsetsAgreesWithTheCalendar() throws {
        let zone = try #require(HouseholdZone(identifier: "Australia/Lord_Howe"))
        var clock = ZoneClock(zone)
        var time = try #require(Timestamp.utc(2026, 1, 1, 0, 7))
        // Two years in steps of 7 h 13 min: every instant comes back from its civil time.
        for _ in 0..<2400 {
            let offset = zone.secondsEastOfUTC(at: time)
            let civil = CivilTime(utc: time.advanced(byMilliseconds: Int64(offset) * 1000))
            #expect(clock.timestamp(civil, near: time) == time)
            time = time.advanced(byMilliseconds: 25_980_000)
        }
    }

    @Test func unknownZonesAreNone() {
        #expect(HouseholdZone(identifier: "Nowhere/Land") == nil)
        #expect(HouseholdZone(identifier: "") == nil)
    }

    @Test func onlyTimesThatADeviceMayHaveMeantAreBelieved() throws {
        var clock = MessageClock(zone: .utc)
        func believed(_ time: Timestamp?) throws -> Bool {
            clock.read(.instant(try #require(time)), receivedAt: Household.now).isBelievable
        }
        #expect(try believed(.utc(2000, 1, 1)))
        #expect(try !believed(.utc(1999, 12, 31, 23, 59, 59, 999)))
        #expect(try believed(Household.now.advanced(byMilliseconds: 86_400_000)))
        #expect(try !believed(Household.now.advanced(byMilliseconds: 86_400_001)))
    }
}
