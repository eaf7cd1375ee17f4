import QueryAPI
import Readings

/// `quantrac status` for people.
struct StatusPage: Sendable {
    var report: StatusReport
    var texts: Texts
    var clock: LocalClock
    var terminal: Terminal

    func lines() -> [String] {
        let health =
            report.healthy
            ? Tone.good.paint(texts(.healthy), colours: terminal.hasColours)
            : Tone.bad.paint(texts(.degraded), colours: terminal.hasColours)
        let uptime = texts(.upFor(texts.duration(seconds: report.uptimeSeconds)))
        var lines = ["Quantrac \(PlainText.neutralised(report.version)) · \(health) · \(uptime)", ""]
        lines += section(.broker, broker)
        lines += section(.store, store)
        lines += section(.intake, intake)
        if !report.intake.refused.isEmpty { lines += section(.refused, refused) }
        lines += section(.alerts, alerts)
        if let offences = report.intake.overQuota, !offences.isEmpty { lines += section(.quota, quota(offences)) }
        if !report.problems.isEmpty { lines += section(.problems, problems) }
        return lines
    }

    /// The title beside the first line, the others below it.
    private func section(_ title: Text, _ body: [String]) -> [String] {
        let titles: [Text] = [.broker, .store, .intake, .refused, .alerts, .quota, .problems]
        let width = (titles.map { DisplayWidth.of(texts($0)) }.max() ?? 0) + 2
        return body.enumerated().map { index, line in
            let left = DisplayWidth.padded(index == 0 ? texts(title) : "", to: width)
            return Tone.strong.paint(left, colours: terminal.hasColours) + PlainText.neutralised(line)
        }
    }

    private var broker: [String] {
        let broker = report.broker
        let since = instant(broker.since).map { texts(.since(clock.shortest($0))) }
        let parts = [
            texts(.brokerState(broker.state, address: broker.address)),
            broker.protocolVersion.map { "MQTT \($0)" }, since,
            broker.connects > 1 ? texts(.connects(broker.connects)) : nil,
        ]
        var lines = [parts.compactMap { $0 }.joined(separator: ", ")]
        if let error = broker.lastError, broker.state != "connected" { lines.append(texts(.lastError(error))) }
        return lines
    }

    private var store: [String] {
        let store = report.store
        // The files are reserved in full from the start; what fills up is the ring inside them.
        var lines = [
            bar(store.poolUsedFraction) + " " + texts(.ringFilled(percent: percent(store.poolUsedFraction))),
            texts(
                .budgetUsed(
                    used: NumberText.bytes(store.diskUsedBytes), budget: NumberText.bytes(store.diskBudgetBytes),
                    directory: store.directory)),
        ]
        var held = texts(.holds(series: UInt64(max(0, store.seriesCount)), samples: store.sampleCount))
        if let oldest = store.oldest.flatMap(instant), let newest = store.newest.flatMap(instant) {
            held += ", " + texts(.fromTo(clock.dateAndTime(oldest), clock.dateAndTime(newest)))
        }
        lines.append(held)
        if let plan = store.plan, !plan.isEmpty { lines.append(texts.plan(plan)) }
        if let sync = store.sync {
            lines.append(
                texts(
                    .syncs(
                        window: texts.duration(seconds: sync.windowSeconds), isAutomatic: sync.isAutomatic,
                        sync: sync.syncSeconds.map { texts.syncTime(seconds: $0) })))
        }
        if store.damagedCount > 0 { lines.append(texts(.damaged(store.damagedCount))) }
        if let error = store.writeError { lines.append(texts(.writeError(error))) }
        return lines
    }

    private var intake: [String] {
        let intake = report.intake
        return [
            texts(
                .rates(
                    messages: NumberText.fixed(intake.messagesPerSecond, decimals: 1),
                    readings: NumberText.fixed(intake.readingsPerSecond, decimals: 1))),
            texts(.totals(messages: intake.messages, readings: intake.readings, duplicates: intake.duplicates)),
        ]
    }

    /// By reason, the most frequent first, and the newest that were refused.
    private var refused: [String] {
        let reasons = report.intake.refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var lines = reasons.map { NumberText.grouped($0.value) + " × " + texts(.refusalReason($0.key)) }
        if let kept = report.registry?.refusedKept, kept > 0 { lines.append(texts(.keptForASecondTry(kept))) }
        for sample in report.intake.refusedSamples.sorted(by: { $0.time > $1.time }).prefix(3) {
            let age = instant(sample.time).map { " (" + texts.ago(clock.now.milliseconds(since: $0)) + ")" } ?? ""
            let text = texts(.forExample("\(sample.topic) — \(sample.detail)")) + age
            lines.append(terminal.isTTY ? DisplayWidth.truncated(text, to: max(40, terminal.width - 12)) : text)
        }
        return lines
    }

    /// The households that met a quota, with whoever did it.
    private func quota(_ offences: [QuotaOffence]) -> [String] {
        offences.prefix(5).flatMap { offence in
            let count = NumberText.grouped(offence.refused)
            let since = instant(offence.since).map { ", " + texts(.since(clock.shortest($0))) } ?? ""
            let shares =
                offence.devices.prefix(3).map { (texts(.device), $0) }
                + offence.topics.prefix(3).map { (texts(.topic), $0) }
            let culprits = shares.map { "  \($0) \($1.name) (≥ \(NumberText.grouped($1.refused)))" }
            return ["\(offence.household): \(count) × \(texts(.refusalReason(offence.reason)))\(since)"]
                + (culprits.isEmpty ? ["  " + texts(.everNewNames)] : culprits)
        }
    }

    private var alerts: [String] {
        let alerts = report.alerts
        return [texts(.alertCounts(rules: alerts.rules, firing: alerts.firing, pending: alerts.pending))]
    }

    private var problems: [String] {
        report.problems.flatMap { problem in
            let next = DaemonCode.advice(problem.code).map { ["  → " + $0[texts.language]] } ?? []
            let detail = texts.language == .vietnamese ? problem.detailVi ?? problem.detail : problem.detail
            return ["\(problem.code): \(detail)"] + next
        }
    }

    private func bar(_ fraction: Double) -> String {
        let width = 24
        let filled = fraction > 0 ? min(width, max(1, Int((min(1, fraction) * Double(width)).rounded()))) : 0
        let (full, empty) = terminal.isUTF8 ? ("█", "░") : ("#", ".")
        return String(repeating: full, count: filled) + String(repeating: empty, count: width - filled)
    }

    private func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return "?" }
        return NumberText.fixed(fraction * 100, decimals: fraction > 0 && fraction < 0.1 ? 1 : 0)
    }

    private func instant(_ text: String) -> Timestamp? {
        InstantText.parse(text, clock: clock)
    }
}
