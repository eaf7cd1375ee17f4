import PromQL
import QueryAPI
import Readings

/// What the server asks of the daemon. The server knows HTTP and nothing of brokers, files or rules.
public protocol QueryBackend: Sendable {
    /// Whether readings can be stored and queries answered; `/-/ready` tells it.
    var isReady: Bool { get }

    /// The series as of now: one consistent moment for one request. Blocking; the server asks on a thread that may wait.
    func source() -> any SeriesSource

    /// As `source()`, with what rules see: without readings that came behind newer ones.
    func ruleSource() -> any SeriesSource

    /// As `source()`, for a thread that must not wait: what would have to be looked for or read throws ``NotAtHand`` instead. Nil if there
    /// is nothing at hand.
    func sourceAtHand() -> (any SeriesSource)?

    func status() -> StatusReport
    /// Sorted by household, then device. Blocking like `source()`.
    func devices() throws -> [DeviceReport]
    func ruleGroups() -> [RuleGroupReport]
    /// How the telling of alerts stands.
    func notices() -> NoticesReport

    /// What each channel's digest would say now; of one household alone if one is given.
    func digests(of household: String?) async -> [DigestReport]

    /// What people do not want to hear of, by number; only a household's own if one is given.
    func silences(of household: String?) -> [SilenceReport]

    /// Mutes alerts.
    ///
    /// - Returns: the silences, and whether they are durable.
    /// - Throws: ``SilenceFault``.
    func silence(_ wish: SilenceWish) async throws -> (made: [SilenceReport], isKept: Bool)

    /// Ends a silence before its time.
    ///
    /// - Returns: the silence, and whether its end is durable.
    /// - Throws: ``SilenceFault`` if there is none with this number, or it is another household's.
    func endSilence(_ id: Int64, household: String?) async throws -> (ended: SilenceReport, isKept: Bool)

    /// What rules would have done on what is stored. Blocking, for many seconds; `isCancelled` is asked now and then.
    ///
    /// - Throws: ``RuleTrialFault`` if the rules are wrong, or it would take too long.
    func tryRules(
        _ request: RuleTrialRequest, isCancelled: @escaping @Sendable () -> Bool
    ) throws -> RuleTrialReport

    /// The readings that become durable from now on and meet all of any one of `selectors` (none: all readings).
    /// A subscriber that falls behind by more than the feed's buffer has its stream ended.
    func live(matching selectors: [[LabelMatcher]]) -> AsyncStream<LiveReading>

    /// Makes readings from elsewhere durable. Returns when they are; waits for its turn, so that a caller who waits for the
    /// answer goes no faster than the store.
    ///
    /// - Throws: ``ImportRefused`` if the store cannot take them now.
    func take(_ readings: [ImportedSeries]) async throws -> ImportOutcome

    /// The newest messages that yielded no reading although they should have. Blocking like `source()`.
    ///
    /// - Throws: ``RefusedQueryFault`` if the query can mean nothing; why they cannot be read.
    func refused(_ query: RefusedQuery) throws -> RefusedReport

    /// Reads those messages again, with what is known today. Returns when the readings that come of it are durable.
    ///
    /// - Throws: ``RefusedQueryFault``, ``ReplayRefused``.
    func replayRefused(_ query: RefusedQuery) async throws -> ReplayReport

    /// The whole store as of now, and what lies beside it, as bytes that a client keeps.
    func backup() async -> any BackupSource

    /// The daemon's own measurements, for `/metrics`.
    func metrics() -> [MetricFamily]
}

/// The bytes of a backup, piece by piece.
public protocol BackupSource: Sendable {
    /// At most a few hundred kilobytes; nil at the end. Blocking.
    mutating func next() throws -> [UInt8]?
}

/// Why the store takes no readings now.
public struct ImportRefused: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// One metric of the daemon itself, as the Prometheus text format groups them.
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable { case counter, gauge }

    public struct Value: Sendable {
        public var labels: [Label]
        public var value: Double

        public init(_ value: Double, labels: [Label] = []) {
            self.value = value
            self.labels = labels
        }
    }

    /// Such as `quantrac_messages_total`
    public var name: String
    public var help: String
    public var kind: Kind
    public var values: [Value]

    public init(_ name: String, _ kind: Kind, help: String, values: [Value]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.values = values
    }
}

extension QueryBackend {
    public func ruleSource() -> any SeriesSource { source() }
    public func sourceAtHand() -> (any SeriesSource)? { nil }
}

/// Why a source for threads that must not wait has no answer.
public struct NotAtHand: Error {
    public init() {}
}
