import Foundation
import QueryAPI
import Readings

@testable import quantrac

/// A small household at one afternoon, for the pages.
enum SampleReports {
    /// 2026-11-23 14:03:20 in Vietnam
    static let clock = LocalClock(
        now: Timestamp(milliseconds: 1_795_417_400_000), zone: TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt)

    static let english = Texts(language: .english)
    static let vietnamese = Texts(language: .vietnamese)

    static func ago(_ seconds: Int64) -> String { clock.now.advanced(byMilliseconds: -seconds * 1000).rfc3339 }

    static let devices = [
        DeviceReport(
            household: "home", device: "zigbee2mqtt/tủ đông", convention: "zigbee2mqtt", name: "Tủ đông",
            room: "Bếp", model: "TS0201", manufacturer: "Tuya", available: true, lastSeen: ago(12),
            battery: MetricReport(metric: "battery", labels: [:], unit: "%", value: 9, time: ago(3600)),
            signal: MetricReport(metric: "linkquality", labels: [:], unit: nil, value: 87, time: ago(12)),
            metrics: [
                MetricReport(metric: "battery", labels: [:], unit: "%", value: 9, time: ago(3600)),
                MetricReport(
                    metric: "temperature", labels: [:], unit: "Cel", value: -18.399999618530273,
                    originalUnit: "°F", originalValue: -1.12, time: ago(12)),
            ]),
        DeviceReport(
            household: "home", device: "plug", convention: "tasmota", name: nil, room: nil, model: nil,
            manufacturer: nil, available: false, availableSince: ago(86_400), lastSeen: ago(200_000), battery: nil,
            signal: nil,
            metrics: [
                MetricReport(
                    metric: "energy_power", labels: ["phase": "a\"b"], unit: "W", value: 1234.5678, time: ago(200_000))
            ]),
    ]

    static let status = StatusReport(
        version: "0.1.0", healthy: false,
        problems: [.init(code: "broker_unreachable", detail: "127.0.0.1:1883: connection refused")],
        uptimeSeconds: 11_520,
        broker: .init(
            address: "127.0.0.1:1883", state: "waiting", protocolVersion: nil, since: ago(300),
            lastError: "connection refused", connects: 2),
        store: .init(
            directory: "/var/lib/quantrac", diskBudgetBytes: 512 << 20, diskUsedBytes: 220_200_960,
            poolUsedFraction: 0.41, memoryBudgetBytes: 64 << 20, seriesCount: 12, sampleCount: 1_234_567,
            oldest: "2026-11-01T03:00:00.000Z", newest: ago(12), damagedCount: 0, writeError: nil),
        intake: .init(
            messages: 456_789, readings: 1_234_567, duplicates: 3, messagesPerSecond: 12.34, readingsPerSecond: 45,
            refused: ["not_json": 12, "new_reason": 3],
            refusedSamples: [
                .init(topic: "garage/x\u{1B}[31m", reason: "not_json", detail: "ends too early", time: ago(130))
            ]),
        alerts: .init(rules: 3, firing: 1, pending: 0))

    static let groups = [
        RuleGroupReport(
            name: "home", file: "/etc/quantrac/rules.d/home.yaml", interval: 15,
            rules: [
                rule(
                    "FreezerWarm", health: "ok", error: nil,
                    alerts: [
                        AlertReport(
                            labels: ["alertname": "FreezerWarm", "device": "Tủ đông", "severity": "critical"],
                            annotations: [
                                "summary": "Tủ đông is at -11.2 °C", "summary_vi": "Tủ đông đang ở -11.2 °C",
                            ],
                            state: "firing", activeAt: ago(4000), value: "-1.12e+01",
                            delivery: [
                                NoticeDelivery(
                                    channel: "mqtt", state: "delivered", time: ago(3900), attempts: 0, error: nil),
                                NoticeDelivery(
                                    channel: "email", state: "waiting", time: ago(4000), attempts: 3, error: "no"),
                            ])
                    ]),
                rule("BatteryLow", health: "err", error: "too many samples", alerts: []),
            ], lastEvaluation: ago(5), evaluationTime: 0.001)
    ]

    private static func rule(
        _ name: String, health: String, error: String?, alerts: [AlertReport]
    ) -> RuleReport {
        RuleReport(
            state: alerts.isEmpty ? "inactive" : "firing", name: name, query: "x > 1", duration: 10, labels: [:],
            annotations: [:], alerts: alerts, health: health, lastError: error, type: "alerting",
            lastEvaluation: ago(5), evaluationTime: 0.001)
    }
}
