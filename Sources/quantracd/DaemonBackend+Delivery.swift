import Alerting
import Delivery
import MQTTSubscriber
import QueryAPI
import QueryServer
import Readings

extension DaemonBackend {
    func notices() -> NoticesReport {
        let report = courier.report
        return NoticesReport(
            channels: report.channels.map(NoticesReport.Channel.init),
            notices: report.entries.map(NoticesReport.Notice.init),
            outbox: NoticesReport.Outbox(
                diskShareBytes: report.outbox.share, diskUsedBytes: report.diskUsed, problem: report.outbox.problem,
                damage: report.outbox.damage))
    }

    /// The same groups, each alert with how the telling of it stands.
    func withDelivery(_ groups: [RuleGroupReport]) -> [RuleGroupReport] {
        let report = courier.report
        let entries = Dictionary(grouping: report.entries.filter(\.news.isFiring), by: \.news.alert)
        var groups = groups
        for group in groups.indices {
            for rule in groups[group].rules.indices {
                for alert in groups[group].rules[rule].alerts.indices {
                    let labels = groups[group].rules[rule].alerts[alert].labels
                    let fingerprint = AlertNotice.fingerprint(of: Labels(labels.map { Label($0.key, $0.value) }))
                    groups[group].rules[rule].alerts[alert].delivery = entries[fingerprint]?.map(NoticeDelivery.init)
                    groups[group].rules[rule].alerts[alert].muted = report.mutes[fingerprint].flatMap(MuteReport.init)
                    groups[group].rules[rule].alerts[alert].fingerprint = fingerprint
                }
            }
        }
        return groups
    }

    /// What keeps alerts from being told, for the status.
    var deliveryProblems: [StatusReport.Problem] {
        let report = courier.report
        var problems: [StatusReport.Problem] = []
        if let text = fault.text { problems.append(.init(code: "configuration_refused", .mistake(text))) }
        if let text = report.outbox.problem {
            problems.append(
                .init(code: "outbox_not_writable", detail: text, detailVi: report.outbox.problemInVietnamese))
        }
        if let text = report.outbox.damage {
            problems.append(.init(code: "outbox_damaged", .madeAnew(because: text)))
        }
        let dropped = report.channels.reduce(0) { $0 + $1.health.dropped }
        if dropped > 0 {
            problems.append(
                .init(
                    code: "notices_dropped",
                    ProblemWords(
                        "\(dropped) notices since the start found no room where they wait",
                        "từ lúc khởi động có \(dropped) tin báo không còn chỗ chờ")))
        }
        for channel in report.channels {
            // A broker that is away has a problem of its own.
            if channel.kind == ChannelConfiguration.Kind.mqtt.rawValue, !isConnected { continue }
            let health = channel.health
            if let reason = health.lastError, health.failures != 1 {
                problems.append(
                    .init(
                        code: "notices_undelivered",
                        ProblemWords(
                            "\(channel.name): \(reason); \(channel.waiting) waiting"
                                + (health.failingSince.map { ", since \($0.rfc3339)" } ?? ""),
                            "\(channel.name): \(FailureWords.inVietnamese(reason)); \(channel.waiting) tin đang chờ"
                                + (health.failingSince.map { ", từ \($0.rfc3339)" } ?? ""))))
            } else if let reason = health.heartbeatError {
                problems.append(
                    .init(
                        code: "notices_undelivered",
                        ProblemWords(
                            "\(channel.name), heartbeat: \(reason)",
                            "\(channel.name), tín hiệu sống: \(FailureWords.inVietnamese(reason))")))
            }
        }
        return problems
    }

    private var isConnected: Bool {
        if case .connected = link.status.state { true } else { false }
    }

    var deliveryMetrics: [MetricFamily] {
        let report = courier.report
        func family(
            _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: (DeliveryReport.Channel) -> Double
        ) -> MetricFamily {
            MetricFamily(
                name, kind, help: help,
                values: report.channels.map { .init(value($0), labels: [Label("channel", $0.name)]) })
        }
        let givenUp = report.channels.flatMap { channel in
            [
                ("rejected", channel.health.rejected), ("expired", channel.health.expired),
                ("outbox_full", channel.health.dropped),
            ].map {
                MetricFamily.Value(Double($0.1), labels: [Label("channel", channel.name), Label("reason", $0.0)])
            }
        }
        return [
            family("quantrac_notices_waiting", .gauge, "Notices of alerts that wait.") { Double($0.waiting) },
            family("quantrac_notices_delivered_total", .counter, "Notices delivered.") { Double($0.health.delivered) },
            family("quantrac_notices_failed_tries_total", .counter, "Tries to deliver notices that failed.") {
                Double($0.health.failedTries)
            },
            MetricFamily(
                "quantrac_notices_given_up_total", .counter, help: "Notices given up, by reason.", values: givenUp),
            family("quantrac_notices_escalated_total", .counter, "Notices that another channel was asked to deliver.") {
                Double($0.health.escalated)
            },
            family("quantrac_notices_muted", .gauge, "Notices that are held because an alert is muted.") {
                Double($0.muted)
            },
            MetricFamily(
                "quantrac_silences", .gauge, help: "Silences, snoozes and acknowledgements in force.",
                values: [.init(Double(report.silences.count { $0.isActive(at: .now) }))]),
            family("quantrac_heartbeats_total", .counter, "Heartbeats that went out.") { Double($0.health.heartbeats) },
            MetricFamily(
                "quantrac_outbox_disk_used_bytes", .gauge, help: "Bytes of the outbox's files.",
                values: [.init(Double(report.diskUsed))]),
            MetricFamily(
                "quantrac_outbox_writable", .gauge, help: "1 while notices are kept across restarts.",
                values: [.init(report.outbox.problem == nil ? 1 : 0)]),
        ]
    }
}

extension NoticesReport.Channel {
    fileprivate init(_ channel: DeliveryReport.Channel) {
        let health = channel.health
        self.init(
            name: channel.name, type: channel.kind, standby: channel.isStandby, waiting: channel.waiting,
            oldestWaiting: channel.oldestWaiting?.rfc3339, failures: health.failures,
            failingSince: health.failingSince?.rfc3339, lastError: health.lastError,
            lastSuccess: health.lastSuccess?.rfc3339, delivered: health.delivered, rejected: health.rejected,
            expired: health.expired, dropped: health.dropped, escalated: health.escalated,
            heartbeatError: health.heartbeatError, lastErrorVi: health.lastError.map(FailureWords.inVietnamese),
            heartbeatErrorVi: health.heartbeatError.map(FailureWords.inVietnamese))
    }
}

extension NoticesReport.Notice {
    fileprivate init(_ entry: DeliveryReport.Entry) {
        self.init(
            channel: entry.channel, status: entry.news.isFiring ? "firing" : "resolved",
            labels: Dictionary(labels: entry.news.labels.sorted), delivery: NoticeDelivery(entry), key: entry.news.key)
    }
}

extension NoticeDelivery {
    fileprivate init(_ entry: DeliveryReport.Entry) {
        self.init(
            channel: entry.channel, state: entry.state, time: entry.time.rfc3339, attempts: entry.attempts,
            error: entry.error, errorVi: entry.error.map(FailureWords.inVietnamese))
    }
}

extension [String: String] {
    /// Of two labels with one name the later counts.
    fileprivate init(labels: [Label]) {
        self.init(labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
