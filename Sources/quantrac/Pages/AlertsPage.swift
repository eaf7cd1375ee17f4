import QueryAPI
import Readings

/// `quantrac alerts`: what is firing or pending, and rules that cannot be evaluated.
struct AlertsPage: Sendable {
    var groups: [RuleGroupReport]
    /// Who is told.
    var channels: [NoticesReport.Channel] = []
    var texts: Texts
    var clock: LocalClock

    /// Firing before pending, then the newest first.
    var alerts: [AlertReport] {
        groups.flatMap { $0.rules.flatMap(\.alerts) }.sorted {
            ($0.state == "firing" ? 0 : 1, $1.activeAt) < ($1.state == "firing" ? 0 : 1, $0.activeAt)
        }
    }

    var ruleCount: Int { groups.reduce(0) { $0 + $1.rules.count } }

    func table() -> Table {
        var table = Table(columns: [
            .init(title: texts(.state)), .init(title: texts(.alert)), .init(title: texts(.device), shrinks: true),
            .init(title: texts(.sinceTitle)), .init(title: texts(.value), isNumber: true),
            .init(title: texts(.summary), shrinks: true), .init(title: texts(.told), shrinks: true),
            .init(title: texts(MuteText.muted), shrinks: true),
        ])
        table.rows = alerts.map { alert in
            let isFiring = alert.state == "firing"
            let active = InstantText.parse(alert.activeAt, clock: clock)
            let since = active.map {
                clock.shortest($0) + " ("
                    + texts.duration(milliseconds: clock.now.milliseconds(since: $0), coarse: true) + ")"
            }
            return [
                .init(texts(.alertState(alert.state)), isFiring ? .bad : .warning),
                .init(alert.labels["alertname"] ?? ""),
                .init(alert.labels["device"] ?? ""), .init(since ?? alert.activeAt),
                .init(Double(alert.value).map(NumberText.readable) ?? alert.value),
                .init(AlertsPage.summary(alert.annotations, texts.language)),
                told(alert), .init(alert.muted.map { texts.words($0, clock: clock) } ?? ""),
            ]
        }
        return table.withoutEmptyColumns(keeping: 2)
    }

    func csv() -> [String] {
        CSV.lines(
            ["state", "alert", "household", "device", "since", "value", "summary", "labels", "delivery", "muted"],
            alerts.map { alert in
                let others = alert.labels.filter { !["alertname", "household", "device"].contains($0.key) }
                return [
                    alert.state, alert.labels["alertname"] ?? "", alert.labels["household"] ?? "",
                    alert.labels["device"] ?? "", alert.activeAt,
                    Double(alert.value).map(NumberText.exact) ?? alert.value,
                    AlertsPage.summary(alert.annotations, texts.language), SeriesName.suffix(others),
                    AlertsPage.oncePerChannel(alert.delivery ?? []).map { "\($0.channel) \($0.state)" }.joined(
                        separator: "; "),
                    alert.muted?.reason ?? "",
                ]
            })
    }

    /// Rules whose evaluation fails, each with its reason.
    func brokenRules() -> [String] {
        groups.flatMap { group in
            group.rules.filter { $0.health == "err" }.map { rule in
                PlainText.neutralised(
                    texts(.brokenRule(name: rule.name, file: group.file, reason: rule.lastError ?? "")))
            }
        }
    }

    /// Channels that fail, each with why and how many notices wait.
    func undelivered() -> [String] {
        channels.compactMap { channel in
            let reasons =
                texts.language == .vietnamese
                ? [channel.lastErrorVi, channel.heartbeatErrorVi, channel.lastError, channel.heartbeatError]
                : [channel.lastError, channel.heartbeatError]
            guard let reason = reasons.compactMap(\.self).first else { return nil }
            let since = channel.failingSince.flatMap { InstantText.parse($0, clock: clock) }.map(clock.shortest)
            return PlainText.neutralised(
                texts(.undelivered(channel: channel.name, waiting: channel.waiting, since: since, reason: reason)))
        }
    }

    /// Who has been told of an alert, and who has not.
    private func told(_ alert: AlertReport) -> Table.Cell {
        let deliveries = AlertsPage.oncePerChannel(alert.delivery ?? [])
        let words = deliveries.map { texts(.delivery(channel: $0.channel, state: $0.state, tries: $0.attempts)) }
        let isComplete = deliveries.allSatisfy { ["delivered", "muted"].contains($0.state) }
        return Table.Cell(words.joined(separator: "; "), isComplete ? .plain : .warning)
    }

    /// Where several changes wait for a channel, the one that was tried most often; what waits rather than what is done.
    private static func oncePerChannel(_ deliveries: [NoticeDelivery]) -> [NoticeDelivery] {
        var chosen: [NoticeDelivery] = []
        for one in deliveries {
            if let place = chosen.firstIndex(where: { $0.channel == one.channel }) {
                if one.attempts > chosen[place].attempts { chosen[place] = one }
            } else {
                chosen.append(one)
            }
        }
        return chosen
    }

    /// The annotation in the user's language where the rule has one: `summary_vi` beside `summary`.
    static func summary(_ annotations: [String: String], _ language: Language) -> String {
        annotations["summary_" + language.rawValue] ?? annotations["summary"] ?? annotations["description"] ?? ""
    }
}
