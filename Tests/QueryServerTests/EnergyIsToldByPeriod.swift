import Hummingbird
import HummingbirdTesting
import QueryAPI
import Readings
import Testing

@testable import QueryServer

@Suite struct EnergyIsToldByPeriod {
    /// 2026-11-01T00:00Z, seven o'clock in Vietnam.
    private static let start = Timestamp(milliseconds: 1_793_491_200_000)

    /// A plug that counts 0.1 kWh each ten minutes for three days, and begins anew in the middle of the second.
    private static func plug(_ household: String = "home") -> Household.Series {
        let samples = (0...432).map { (index: Int) -> Sample in
            let value: Double = index < 216 ? 100 + Double(index) / 10 : Double(index - 216) / 10
            return Sample(time: start.advanced(byMilliseconds: Int64(index) * 600_000), value: value)
        }
        return Household.Series(
            labels: ["__name__": "energy_total", "device": "plug", "household": household], unit: "kWh",
            samples: samples)
    }

    private static func other(_ metric: String, unit: String?, household: String = "home") -> Household.Series {
        .init(
            labels: ["__name__": metric, "device": "plug", "household": household], unit: unit,
            samples: [Sample(time: start, value: 7)])
    }

    private let question = "/api/v1/energy?device=plug&start=2026-11-01T00:00:00Z&end=2026-11-04T00:00:00Z"

    private func report(_ backend: Household, _ uri: String) async throws -> EnergyReport {
        let box = Answer()
        try await asking(backend) { client in
            box.report = try await client.get(uri).data(as: EnergyReport.self)
        }
        return try #require(box.report)
    }

    /// Written once, before `asking` returns, and read afterwards.
    private final class Answer: @unchecked Sendable {
        var report: EnergyReport?
    }

    @Test func byDayWithWhatWasAssumed() async throws {
        let backend = Household([Self.plug(), Self.other("energy_today", unit: "kWh"), Self.other("power", unit: "W")])
        let report = try await report(backend, question + "&by=day&zone=UTC")
        #expect(report.metric["__name__"] == "energy_total")
        #expect(report.unit == "kWh")
        #expect(report.periods.map(\.start).map { $0.prefix(10) } == ["2026-11-01", "2026-11-02", "2026-11-03"])
        #expect(report.periods.map(\.consumption) == [14.4, 14.3, 14.4])
        #expect(report.periods.map(\.complete) == [true, true, true])
        let events = report.periods.flatMap(\.events)
        #expect(events.map(\.kind) == ["reset"])
        #expect(events.first?.before.value == 121.5)
        #expect(events.first?.after == .init(time: "2026-11-02T12:00:00.000Z", value: 0))
        #expect(events.first?.assumption == "the counter began anew at 0: what it shows was consumed since")
    }

    @Test func inTheZoneThatIsAskedFor() async throws {
        let report = try await report(
            Household([Self.plug()]), question + "&by=day&zone=Asia/Ho_Chi_Minh")
        // From seven o'clock on the first day, up to seven o'clock on the fourth.
        #expect(report.periods.map(\.consumption) == [10.2, 14.3, 14.4, 4.2])
        #expect(report.periods.map(\.complete) == [false, true, true, false])
        #expect(report.periods.first?.knownFrom == "2026-11-01T00:00:00.000Z")
        #expect(report.periods.last?.knownUntil == "2026-11-04T00:00:00.000Z")
        #expect(report.zone == "Asia/Ho_Chi_Minh")
    }

    /// What came before the range tells what the counter showed at its begin.
    @Test func aRangeInTheMiddleIsComplete() async throws {
        let report = try await report(
            Household([Self.plug()]),
            "/api/v1/energy?device=plug&by=hour&zone=UTC&start=2026-11-02T03:15:00Z&end=2026-11-02T05:00:00Z")
        #expect(report.periods.map(\.consumption) == [0.6, 0.6])
        #expect(report.periods.allSatisfy { $0.complete && $0.estimated == 0 })
    }

    @Test func fromMinutesWhereReadingsAreGone() async throws {
        var plug = Self.plug()
        plug.minutesBefore = Self.start.advanced(byMilliseconds: 40 * 3_600_000)
        let report = try await report(Household([plug]), question + "&by=day&zone=UTC")
        // Within a minute no one knows when: that is 0.01 kWh at most, for the first reading, too.
        for (period, whole) in zip(report.periods, [14.4, 14.3, 14.4]) {
            #expect(abs(period.consumption - whole) < 0.01)
        }
        #expect(abs(report.periods.reduce(0) { $0 + $1.consumption } - 43.1) < 0.01)
        #expect(report.periods.map(\.foldedSeconds) == [60, 60, nil])
    }

    @Test func whatCannotBeToldIsSaid() async throws {
        let backend = Household([
            Self.other("emeter_0_total", unit: "kWh"), Self.other("emeter_1_total", unit: "kWh"),
            Self.other("power", unit: "W"),
        ])
        try await asking(backend) { client in
            func refusal(_ uri: String, _ status: HTTPResponse.Status = .badRequest) async throws -> String {
                let answer = try await client.get(uri)
                #expect(answer.status == status, "\(uri)")
                return answer.text
            }
            #expect(
                try await refusal(question + "&by=day").contains(
                    "several metrics fit: choose one with 'metric', of emeter_0_total [kWh], emeter_1_total [kWh]"))
            #expect(try await refusal(question + "&by=week").contains("it must be hour, day or month"))
            #expect(try await refusal(question + "&by=day&zone=Mars").contains("there is no time zone of this name"))
            #expect(try await refusal("/api/v1/energy?by=day&start=1").contains(#"parameter \"device\""#))
            #expect(try await refusal("/api/v1/energy?device=plug&by=day").contains(#"parameter \"start\""#))
            #expect(try await refusal("/api/v1/energy?device=plug&by=hour&start=0&end=1e12").contains("shorter range"))
            #expect(try await refusal(question + "&by=day&metric=%7B").contains("parse error"))
            _ = try await refusal("/api/v1/energy?device=none&by=month&start=1", .notFound)
            _ = try await refusal(question + "&by=day&household=other", .notFound)
            // By name, whatever it is.
            #expect(try await client.get(question + "&by=day&metric=power").status == .ok)
            #expect(try await client.get(question + "&by=day&metric=%7B__name__%3D%22power%22%7D").status == .ok)
        }
    }

    @Test func oneHouseholdAtATime() async throws {
        let backend = Household([Self.plug(), Self.plug("other")])
        try await asking(backend) { client in
            let both = try await client.get(question + "&by=day")
            #expect(both.text.contains("choose one with 'household', of home, other"))
        }
        let one = try await report(backend, question + "&by=month&household=other&zone=UTC")
        #expect(one.metric["household"] == "other")
        #expect(one.periods.map(\.consumption) == [43.1])
    }
}
