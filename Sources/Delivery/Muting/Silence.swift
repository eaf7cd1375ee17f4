import Readings

/// Somebody's wish not to be told of some alerts for a while.
public struct Silence: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Alerts that the matchers describe, those that begin meanwhile included.
        case silence
        /// An alert that rings now shall ring again later.
        case snooze
        /// Somebody looks after an alert: nobody else need hear of it again until it ends.
        case acknowledge
    }

    /// By which it is ended.
    public internal(set) var id: Int64
    public let kind: Kind
    /// Whose alerts are meant; nil: everybody's.
    public let household: HouseholdScope?
    /// Conditions on an alert's labels, all of which must be met.
    public let matchers: [LabelMatcher]
    /// The one alert that is meant, by its fingerprint; nil: all that the matchers admit.
    public let alert: String?
    public let starts: Timestamp
    /// Nil: until the alert ends.
    public internal(set) var ends: Timestamp?
    public let author: String
    public let comment: String
    /// Whether it has begun: then a clock that is set back does not undo that.
    public internal(set) var hasBegun: Bool
    /// When it was found to be over; it is kept for a day, in case that a clock was wrong.
    public internal(set) var overSince: DeliveryMoment?

    public init(
        id: Int64 = 0, kind: Kind, household: HouseholdScope?, matchers: [LabelMatcher],
        alert: String? = nil,
        starts: Timestamp, ends: Timestamp?, author: String, comment: String, hasBegun: Bool = false,
        overSince: DeliveryMoment? = nil
    ) {
        self.id = id
        self.kind = kind
        self.household = household
        self.matchers = matchers
        self.alert = alert
        self.starts = starts
        self.ends = ends
        self.author = author
        self.comment = comment
        self.hasBegun = hasBegun
        self.overSince = overSince
    }

    /// Whether it is in force at `wall`.
    public func isActive(at wall: Timestamp) -> Bool {
        (hasBegun || starts <= wall) && (ends.map { wall < $0 } ?? true)
    }

    /// Whether it is meant for the alert.
    func covers(alert: String, _ labels: Labels) -> Bool {
        if let wanted = self.alert, wanted != alert { return false }
        if let household, !household.contains(labels.household) { return false }
        return matchers.allSatisfy { $0.matches(labels) }
    }

    /// Whether `other` wants the same, perhaps for longer: then it takes the place of this one.
    func isSame(as other: Silence) -> Bool {
        kind == other.kind && household == other.household && alert == other.alert && author == other.author
            && comment == other.comment && matchers == other.matchers
    }
}

extension Silence {
    /// A line for the log.
    var inWords: String {
        let conditions = matchers.map(\.description).joined(separator: ", ")
        let words = [Kind.silence: "silenced", .snooze: "snoozed", .acknowledge: "acknowledged"][kind] ?? ""
        return "\(words): {\(conditions)}" + (alert.map { " (alert \($0))" } ?? "")
            + (ends.map { " until \($0.rfc3339)" } ?? "") + (author.isEmpty ? "" : " by \(author)")
    }
}
