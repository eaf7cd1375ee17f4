import Alerting

/// Whose alerts somebody means.
public enum HouseholdScope: Sendable, Equatable {
    case one(String)
    /// All households whose names are this level of a topic, in which `/`, `+` and `#` are replaced.
    case topicLevel(String)

    /// Those that `level` of a topic stands for.
    public init(ofTopicLevel level: String) {
        // Else it is nobody's but of the household that is called so.
        let mayStandForOthers = level.unicodeScalars.contains("_") || level.unicodeScalars.count >= 120
        self = mayStandForOthers ? .topicLevel(level) : .one(level)
    }

    /// What it was made of.
    public var name: String {
        switch self {
        case .one(let name), .topicLevel(let name): name
        }
    }

    public func contains(_ household: String) -> Bool {
        switch self {
        case .one(let name): name == household
        case .topicLevel(let level): level == AlertNotice.topicLevel(household)
        }
    }

    /// Whether these may undo what was wished for `other`.
    func reaches(_ other: HouseholdScope) -> Bool {
        switch self {
        case .one(let name): other.contains(name)
        case .topicLevel: contains(other.name)
        }
    }
}
