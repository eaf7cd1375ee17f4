import PromQL
import Readings

/// All there is to know of an alert, as it is kept over a restart. Times are milliseconds since 1970.
struct SavedAlert: Sendable, Codable, Equatable {
    /// Which rule it is of: its file and group …
    let file: String
    let group: String
    /// … its name and labels, templates not expanded …
    let rule: [Label]
    /// … and its place among the group's rules that are alike in that.
    let place: Int
    /// The alert's identity, `alertname` among them.
    let labels: [Label]
    let annotations: [Label]
    /// As JSON has no number for all of them, a text.
    let value: String
    let state: AlertState
    let activeAt: Int64
    let firedAt: Int64?
    let resolvedAt: Int64?
    let keptFiringSince: Int64?

    var key: String {
        SavedItem.key(["alert", file, group, Labels(rule).description, "\(place)", Labels(labels).description])
    }

    init(_ alert: ActiveAlert, of rule: RuleKey) {
        file = rule.group.file
        group = rule.group.name
        self.rule = rule.identity.sorted
        place = rule.place
        labels = alert.labels.sorted
        annotations = alert.annotations
        value = FormattedValue.sample(alert.value)
        state = alert.state
        activeAt = alert.activeAt.milliseconds
        firedAt = alert.firedAt?.milliseconds
        resolvedAt = alert.resolvedAt?.milliseconds
        keptFiringSince = alert.keptFiringSince?.milliseconds
    }

    var ruleKey: RuleKey {
        RuleKey(group: RuleGroup.ID(file: file, name: group), identity: Labels(rule), place: place)
    }

    var alert: ActiveAlert {
        func time(_ milliseconds: Int64?) -> Timestamp? { milliseconds.map { Timestamp(milliseconds: $0) } }
        return ActiveAlert(
            labels: Labels(labels), annotations: annotations, value: Double(value) ?? .nan, state: state,
            activeAt: Timestamp(milliseconds: activeAt), firedAt: time(firedAt), resolvedAt: time(resolvedAt),
            keptFiringSince: time(keptFiringSince))
    }
}

/// When a group was evaluated, by which a gap is known after a restart.
struct SavedGroup: Sendable, Codable, Equatable {
    let file: String
    let group: String
    let evaluatedAt: Int64
    /// When the first evaluation after a gap was, if that is not long ago.
    let resumedAt: Int64?

    var key: String { SavedItem.key(["group", file, group]) }
    var id: RuleGroup.ID { RuleGroup.ID(file: file, name: group) }

    /// How old `evaluatedAt` may become in what is saved while nothing else changes: a row for each evaluation would wear
    /// out a memory card.
    private static let refreshMilliseconds: Int64 = 60_000

    /// Whether this is worth saving although `saved` is.
    func isNews(beside saved: SavedGroup?) -> Bool {
        guard let saved else { return true }
        let (age, overflow) = evaluatedAt.subtractingReportingOverflow(saved.evaluatedAt)
        return resumedAt != saved.resumedAt || overflow || age < 0 || age >= SavedGroup.refreshMilliseconds
    }
}

/// What makes a rule the same over a restart.
struct RuleKey: Hashable, Sendable {
    var group: RuleGroup.ID
    var identity: Labels
    /// Among the rules of the group with the same identity.
    var place: Int
}
