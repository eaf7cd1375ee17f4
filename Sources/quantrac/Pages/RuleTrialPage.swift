import QueryAPI
import Readings

/// `quantrac rules try`: when a rule would have rung on what is stored.
struct RuleTrialPage: Sendable {
    var report: RuleTrialReport
    var texts: Texts
    var clock: LocalClock

    /// A time in which an alert fired.
    struct Ring: Sendable, Equatable {
        var labels: [String: String]
        var annotations: [String: String]
        var from: Timestamp?
        /// Nil if it fires still.
        var until: Timestamp?
    }

    /// In the order in which they began.
    var rings: [Ring] {
        var open: [[String: String]: Int] = [:]
        var rings: [Ring] = []
        for change in report.transitions {
            let at = InstantText.parse(change.at, clock: clock)
            if change.to == "firing" {
                open[change.labels] = rings.count
                rings.append(Ring(labels: change.labels, annotations: change.annotations, from: at, until: nil))
            } else if change.from == "firing", let index = open.removeValue(forKey: change.labels) {
                rings[index].until = at
            }
        }
        return rings
    }

    var heading: String {
        texts(.rangSoOften(rings.count, from: shown(report.start), to: shown(report.until ?? report.end)))
    }

    private func shown(_ time: String) -> String {
        InstantText.parse(time, clock: clock).map { clock.dateAndTime($0) } ?? time
    }

    func table() -> Table {
        var table = Table(columns: [
            .init(title: texts(.alert)), .init(title: texts(.device), shrinks: true), .init(title: texts(.from)),
            .init(title: texts(.to)), .init(title: texts(.lasted), isNumber: true),
            .init(title: texts(.summary), shrinks: true),
        ])
        let end = InstantText.parse(report.until ?? report.end, clock: clock) ?? clock.now
        table.rows = rings.map { ring in
            let lasted = ring.from.map { texts.duration(milliseconds: (ring.until ?? end).milliseconds(since: $0)) }
            return [
                .init(ring.labels["alertname"] ?? ""), .init(ring.labels["device"] ?? ""),
                .init(ring.from.map { clock.dateAndTime($0) } ?? ""),
                .init(
                    ring.until.map { clock.dateAndTime($0) } ?? texts(.stillFires), ring.until == nil ? .bad : .plain),
                .init(lasted ?? ""), .init(AlertsPage.summary(ring.annotations, texts.language)),
            ]
        }
        return table.withoutEmptyColumns(keeping: 1)
    }

    /// The limits that the history suggests, those that ring most today first.
    func proposals() -> Table {
        var table = Table(columns: [
            .init(title: texts(.alert)), .init(title: texts(.device), shrinks: true),
            .init(title: texts(.limitNow), isNumber: true), .init(title: texts(.rang), isNumber: true),
            .init(title: texts(.proposedLimit), isNumber: true), .init(title: texts(.clearLevel), isNumber: true),
            .init(title: texts(.wouldRing), isNumber: true),
        ])
        table.rows = report.proposals.sorted { $0.rings > $1.rings }.map { one in
            let isAbove = one.side == "above"
            return [
                .init(one.rule), .init(one.labels["device"] ?? SeriesName.suffix(one.labels)),
                .init(texts(.side(isAbove: isAbove, limit: NumberText.readable(one.limit)))), .init(String(one.rings)),
                .init(texts(.side(isAbove: isAbove, limit: NumberText.readable(one.proposedLimit)))),
                .init(NumberText.readable(one.proposedClear)), .init(String(one.proposedRings)),
            ]
        }
        return table
    }

    /// Beside the table: how far it came, if not to the end, rules that could not always be evaluated, and what is doubtful.
    func notes() -> [String] {
        let cut = report.until.map { [texts(.cameOnlySoFar(shown($0), wanted: shown(report.end)))] } ?? []
        let failures = report.failures.map {
            texts(.failedSoOften(rule: $0.rule, count: $0.count, reason: $0.lastError))
        }
        return (cut + failures + report.warnings.map { texts(.warning($0)) }).map(PlainText.neutralised)
    }

    func csv() -> [String] {
        CSV.lines(
            ["at", "alert", "device", "from", "to", "active_at", "value", "summary", "labels"],
            report.transitions.map { change in
                let others = change.labels.filter { !["alertname", "device"].contains($0.key) }
                return [
                    change.at, change.labels["alertname"] ?? "", change.labels["device"] ?? "", change.from, change.to,
                    change.activeAt, Double(change.value).map(NumberText.exact) ?? change.value,
                    AlertsPage.summary(change.annotations, texts.language), SeriesName.suffix(others),
                ]
            })
    }
}
