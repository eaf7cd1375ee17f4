import Energy
import Foundation
import Readings
import Testing

@Suite("Hours, days and months are those of the zone's clocks")
struct PeriodTests {
    private func time(_ text: String) throws -> Timestamp {
        let date = try Date(text, strategy: .iso8601)
        return try #require(Timestamp(secondsSince1970: date.timeIntervalSince1970))
    }

    private func zone(_ name: String) throws -> TimeZone { try #require(TimeZone(identifier: name)) }

    private func lengths(_ edges: [Timestamp]) -> [Int64] {
        zip(edges, edges.dropFirst()).map { $1.milliseconds(since: $0) / 60_000 }
    }

    @Test func daysOfAClockChangeHave23And25Hours() throws {
        let berlin = try zone("Europe/Berlin")
        let spring = PeriodKind.day.edges(
            from: try time("2026-03-28T12:00:00Z"), to: try time("2026-03-30T12:00:00Z"), zone: berlin)
        #expect(lengths(spring) == [1440, 1380, 1440])
        #expect(spring.first == (try time("2026-03-27T23:00:00Z")))
        let autumn = PeriodKind.day.edges(
            from: try time("2026-10-25T00:00:00Z"), to: try time("2026-10-25T01:00:00Z"), zone: berlin)
        #expect(lengths(autumn) == [1500])
        // All hours of that day, the one that is there twice, too.
        let hours = PeriodKind.hour.edges(
            from: try #require(autumn.first), to: try #require(autumn.last), zone: berlin)
        #expect(lengths(hours) == [Int64](repeating: 60, count: 25))
    }

    /// Clocks go forward at midnight, so that the day begins at one o'clock; the days behind it begin at midnight.
    @Test func aDayMayBeginAtOneOClock() throws {
        let edges = PeriodKind.day.edges(
            from: try time("2024-04-25T12:00:00Z"), to: try time("2024-04-28T12:00:00Z"), zone: try zone("Africa/Cairo")
        )
        #expect(lengths(edges) == [1440, 1380, 1440, 1440])
    }

    @Test func hoursOfZonesWithHalfHours() throws {
        let kolkata = PeriodKind.hour.edges(
            from: try time("2026-01-01T00:00:00Z"), to: try time("2026-01-01T01:00:00Z"),
            zone: try zone("Asia/Kolkata"))
        #expect(kolkata.first == (try time("2025-12-31T23:30:00Z")))
        #expect(lengths(kolkata) == [60, 60])
        // Half an hour forward at two o'clock, and half an hour back.
        let lordHowe = try zone("Australia/Lord_Howe")
        for day in ["2026-10-03", "2026-04-04"] {
            let edges = PeriodKind.hour.edges(
                from: try time("\(day)T12:00:00Z"), to: try time("\(day)T20:00:00Z"), zone: lordHowe)
            #expect(lengths(edges).filter { $0 != 60 } == [30], "\(lengths(edges))")
        }
    }

    @Test func monthsBeginOnTheirFirst() throws {
        let edges = PeriodKind.month.edges(
            from: try time("2025-12-31T16:59:59Z"), to: try time("2026-03-01T00:00:00Z"),
            zone: try zone("Asia/Ho_Chi_Minh"))
        #expect(lengths(edges).map { $0 / 1440 } == [31, 31, 28, 31])
        #expect(edges.first == (try time("2025-11-30T17:00:00Z")))
        let now = try time("2026-01-01T00:00:00Z")
        #expect(PeriodKind.day.edges(from: now, to: now, zone: .gmt).isEmpty)
    }
}
