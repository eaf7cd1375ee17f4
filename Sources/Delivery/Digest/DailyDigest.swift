import Alerting
import Readings

/// What a channel is told of a day: finished, so that every try to tell it says the same.
public struct DailyDigest: Sendable, Equatable, Codable {
    public internal(set) var channel: String
    /// The day on which it is told, such as `2026-11-26`. There is never more than one of a day.
    public let day: String
    /// From when to when it tells what happened.
    @WallTime public internal(set) var since: Timestamp
    @WallTime public internal(set) var until: Timestamp
    /// The time zone of its clocks.
    public let zone: String
    /// Alerts that fire, then those that ended; the longest first. At most ``mostEntries``.
    public internal(set) var entries: [DigestEntry]
    /// Alerts for which there was no room, whosever.
    public internal(set) var more: Int
    /// When the daemon did not run.
    public let absences: [Absence]
    /// How things were when it was made.
    public internal(set) var condition: DigestCondition
    /// What other channels could not tell.
    public internal(set) var undelivered: [Undelivered]

    public struct Absence: Sendable, Equatable, Codable {
        @WallTime public internal(set) var from: Timestamp
        @WallTime public internal(set) var to: Timestamp
    }

    public struct Undelivered: Sendable, Equatable, Codable {
        public let channel: String
        public let notices: Int
    }

    static let mostEntries = 100

    /// The same for the same day and channel, whatever happens meanwhile.
    public var key: String { "digest-\(day)-\(SecureHash.hexadecimal(of: channel).prefix(12))" }

    public var firing: [DigestEntry] { entries.filter(\.isFiring) }
    public var ended: [DigestEntry] { entries.filter { !$0.isFiring } }

    /// Whether nothing was amiss, as far as anybody can know: the daemon ran all the time, it watches, and hears of everybody.
    public var isCalm: Bool {
        entries.isEmpty && more == 0 && absences.isEmpty && undelivered.isEmpty && condition.isCalm
    }

    /// The households that it tells of, those with nothing to tell included.
    public var households: [String] {
        Set(entries.map(\.household) + condition.households.map(\.name)).sorted()
    }

    /// What people read, the title first.
    public func text(in language: AlertNotice.Language) -> [String] {
        let text = DigestText(self, in: language)
        return [text.title] + text.lines
    }

    /// Within what can be counted, whatever a damaged file says.
    var bounded: DailyDigest {
        var digest = self
        digest.entries = entries.prefix(DailyDigest.mostEntries).map(\.bounded)
        digest.more = min(max(0, more), DigestEntry.mostTimes)
        digest.condition.households = condition.households.prefix(DigestCondition.mostHouseholds).map(\.bounded)
        return digest
    }

    /// What it says of one household, and nothing of any other.
    public func part(of household: String) -> DailyDigest {
        var part = self
        if households.count > 1 {
            part.more = 0
            part.undelivered = []
        }
        part.entries = entries.filter { $0.household == household }
        part.condition.households = condition.households.filter { $0.name == household }
        return part
    }
}

/// How things are when a digest is made.
public struct DigestCondition: Sendable, Equatable, Codable {
    /// What is wrong with the daemon, by code.
    public var problems: [String]
    /// Whether rules are evaluated.
    public var isWatching: Bool
    public var households: [Household]

    public struct Household: Sendable, Equatable, Codable {
        public let name: String
        /// How many devices are known.
        public private(set) var devices: Int
        /// Those that are missed; the names of some of them.
        public private(set) var unheardCount: Int
        public let unheard: [String]

        static let mostNames = 20

        public init(name: String, devices: Int, unheard: [String]) {
            self.name = name
            self.devices = devices
            unheardCount = unheard.count
            self.unheard = unheard.prefix(Household.mostNames).map { OneLine.of($0, most: 100) }
        }

        fileprivate var bounded: Household {
            var household = self
            household.devices = min(max(0, devices), DigestEntry.mostTimes)
            household.unheardCount = min(max(0, unheardCount), household.devices)
            return household
        }
    }

    public init(problems: [String] = [], isWatching: Bool = true, households: [Household] = []) {
        self.problems = problems
        self.isWatching = isWatching
        self.households = households
    }

    static let mostHouseholds = 200

    var isCalm: Bool { problems.isEmpty && isWatching && households.allSatisfy(\.unheard.isEmpty) }

    /// What a channel may be told of it that hears only of alerts with the labels `match`.
    func admitted(by match: [Label]) -> DigestCondition {
        var part = self
        let names = match.filter { $0.name == LabelName.household }.map(\.value)
        part.households = households.filter { household in names.allSatisfy { $0 == household.name } }
            .sorted { ($0.unheard.isEmpty ? 1 : 0, $0.name) < ($1.unheard.isEmpty ? 1 : 0, $1.name) }
        part.households = Array(part.households.prefix(DigestCondition.mostHouseholds))
        return part
    }
}
