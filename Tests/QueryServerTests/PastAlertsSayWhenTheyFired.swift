import PromQL
import QueryAPI
import Readings
import TestSupport
import Testing

@testable import QueryServer

@Suite struct PastAlertsSayWhenTheyFired {
    private static let began = 10_000.0
    private let rule = RuleReport(
        state: "inactive", name: "Warm", query: "x > 1", duration: 60, labels: [:], annotations: [:], alerts: [],
        health: "ok", lastError: nil, type: "alerting", lastEvaluation: "", evaluationTime: 0)

    /// `Warm` is active from `began` on, and fires from `fired` on.
    private func source(fired: Double, from: Double = began) -> MemorySeriesSource {
        var source = MemorySeriesSource()
        let count = Int((20_000 - from) / 15)
        source.add(
            ["__name__": "ALERTS_FOR_STATE", "alertname": "Warm", "device": "a"], from: from, every: 15,
            Array(repeating: Self.began, count: count))
        // It fired before, too.
        source.add(
            ["__name__": "ALERTS", "alertname": "Warm", "alertstate": "firing", "device": "a"],
            [
                Sample(time: .seconds(9000), value: 1),
                Sample(time: .seconds(9015), value: Double(bitPattern: StalenessMarker.bitPattern)),
            ]
                + stride(from: max(from, fired), to: 20_000, by: 15).map { Sample(time: .seconds($0), value: 1) })
        return source
    }

    private func alert(_ source: MemorySeriesSource, at seconds: Double) throws -> AlertReport? {
        try PastAlerts(source: source, rule: rule, interval: 15_000).alerts(at: .seconds(seconds)).first
    }

    @Test func atAnyMomentOfIt() throws {
        for moment in [10_070.0, 15_000, 19_990] {
            let alert = try #require(try alert(source(fired: 10_060), at: moment))
            #expect(alert.state == "firing" && alert.firedAt == Timestamp.seconds(10_060).rfc3339, "\(moment)")
        }
        let pending = try #require(try alert(source(fired: 10_060), at: 10_050))
        #expect(pending.state == "pending" && pending.firedAt == nil)
    }

    @Test func whatFiresFromItsBeginIsToldOnce() throws {
        let alert = try #require(try alert(source(fired: 10_000), at: 15_000))
        #expect(alert.firedAt == alert.activeAt)
    }

    @Test func nothingIsSaidOfWhatTheStoreNoLongerHas() throws {
        let alert = try #require(try alert(source(fired: 10_060, from: 12_000), at: 15_000))
        #expect(alert.state == "firing" && alert.firedAt == nil)
    }
}
