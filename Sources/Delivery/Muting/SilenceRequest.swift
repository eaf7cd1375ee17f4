import Alerting
import Readings

/// What somebody asks for who does not want to hear of alerts.
public struct SilenceRequest: Sendable {
    public var kind: Silence.Kind
    /// An alert's name or its fingerprint.
    public var alert: String?
    /// Conditions on the labels of the alerts that are meant.
    public var matchers: [LabelMatcher]
    /// Whose alerts may be meant; nil: everybody's.
    public var household: HouseholdScope?
    /// Nil: now.
    public var starts: Timestamp?
    /// Nil only for what is acknowledged.
    public var ends: Timestamp?
    public var author: String
    public var comment: String

    public init(
        kind: Silence.Kind, alert: String? = nil, matchers: [LabelMatcher] = [],
        household: HouseholdScope? = nil,
        starts: Timestamp? = nil, ends: Timestamp? = nil, author: String = "", comment: String = ""
    ) {
        self.kind = kind
        self.alert = alert
        self.matchers = matchers
        self.household = household
        self.starts = starts
        self.ends = ends
        self.author = author
        self.comment = comment
    }
}

/// Why a silence was not made, and what to do.
public struct SilenceRefused: Error, Equatable, CustomStringConvertible {
    public enum Reason: Sendable { case invalid, noSuchAlert, tooMany }

    public let reason: Reason
    public let description: String

    init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}

extension SilenceRequest {
    private static let longest: Int64 = 366 * 86_400_000
    private static let mostMatchers = 20
    private static let mostBytes = 2000

    /// The silences that are asked for: one, or one for each alert that is acknowledged.
    ///
    /// - Parameter firing: the labels of all alerts that fire, by fingerprint.
    func silences(firing: [String: Labels], at wall: Timestamp) throws(SilenceRefused) -> [Silence] {
        try checkTexts()
        let starts = starts ?? wall
        if kind == .acknowledge { return try acknowledgements(firing, at: wall) }
        guard let ends else { throw SilenceRefused(.invalid, "it must be said how long it lasts, such as for 2h") }
        guard ends > max(starts, wall) else { throw SilenceRefused(.invalid, "it would be over before it begins") }
        guard ends.milliseconds(since: wall) <= SilenceRequest.longest else {
            throw SilenceRefused(
                .invalid, "it would last longer than a year: maintenance windows in the configuration can")
        }
        var conditions = matchers
        var single: String?
        if let alert {
            let labels = firing[alert].flatMap { isMine($0) ? $0 : nil }
            if labels != nil { single = alert }
            conditions.append(LabelMatcher(AlertLabel.name, equals: labels?[AlertLabel.name] ?? alert))
        }
        guard conditions.contains(where: { !$0.matches("") }) else {
            throw SilenceRefused(
                .invalid, "it must be said which alerts are meant: a name, or a condition such as device=\"freezer\"")
        }
        return [
            Silence(
                kind: kind, household: household, matchers: conditions, alert: single, starts: starts, ends: ends,
                author: OneLine.of(author, most: 200), comment: OneLine.of(comment, most: 1000))
        ]
    }

    private func isMine(_ labels: Labels) -> Bool { household?.contains(labels.household) ?? true }

    private func acknowledgements(
        _ firing: [String: Labels], at wall: Timestamp
    ) throws(SilenceRefused) -> [Silence] {
        guard let alert, !alert.isEmpty else {
            throw SilenceRefused(.invalid, "it must be said which alert is meant: its name or its fingerprint")
        }
        let found = firing.filter { fingerprint, labels in
            isMine(labels) && (fingerprint == alert || labels[AlertLabel.name] == alert)
                && matchers.allSatisfy { $0.matches(labels) }
        }
        guard !found.isEmpty else {
            throw SilenceRefused(.noSuchAlert, "no alert \"\(OneLine.of(alert, most: 100))\" fires now")
        }
        return found.sorted { $0.key < $1.key }.map { fingerprint, labels in
            Silence(
                kind: .acknowledge, household: household.map { _ in .one(labels.household) },
                matchers: [LabelMatcher(AlertLabel.name, equals: labels[AlertLabel.name] ?? "")],
                alert: fingerprint,
                starts: wall, ends: nil, author: OneLine.of(author, most: 200),
                comment: OneLine.of(comment, most: 1000))
        }
    }

    private func checkTexts() throws(SilenceRefused) {
        guard matchers.count <= SilenceRequest.mostMatchers else {
            throw SilenceRefused(.invalid, "it has more than \(SilenceRequest.mostMatchers) conditions")
        }
        let texts =
            [alert, household?.name, author, comment].compactMap { $0 }
            + matchers.flatMap { [$0.name, $0.value] }
        guard texts.reduce(0, { $0 + $1.utf8.count }) <= SilenceRequest.mostBytes else {
            throw SilenceRefused(.invalid, "its texts are longer than \(SilenceRequest.mostBytes) bytes together")
        }
    }
}

extension Dispatcher {
    /// Does what somebody asks for.
    mutating func silence(
        _ request: SilenceRequest, at wall: Timestamp
    ) throws(SilenceRefused) -> (silences: [Silence], changes: [OutboxChange]) {
        var made: [Silence] = []
        var changes: [OutboxChange] = []
        for silence in try request.silences(firing: muting.firing, at: wall) {
            guard let (silence, change) = add(silence, at: wall) else {
                if !made.isEmpty { break }
                throw SilenceRefused(.tooMany, "there are \(Muting.mostSilences) silences: end some of them first")
            }
            made.append(silence)
            changes += change
        }
        return (made, changes)
    }

    /// Ends the silence `id`, if there is one and `household` (nil: anybody) may.
    mutating func endSilence(_ id: Int64, household: HouseholdScope?) -> (
        silence: Silence, changes: [OutboxChange]
    )? {
        guard let silence = muting.silences[id] else { return nil }
        if let household, !(silence.household.map(household.reaches) ?? false) { return nil }
        return (silence, removeSilence(id))
    }
}
