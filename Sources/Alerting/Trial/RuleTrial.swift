import PromQL
import Readings

/// Runs rules over what is stored, and says when their alerts would have begun and ceased to fire: transition for transition
/// what the engine would have told, had it run then on the same readings, each of which arrived at its own time.
public struct RuleTrial: Sendable {
    /// What became of the rules.
    public struct Outcome: Sendable {
        /// Up to when the rules were evaluated; nil: to the end. Then there are no limits.
        public internal(set) var until: Timestamp?
        /// In the order of time; those to and from pending among them.
        public internal(set) var transitions: [AlertTransition] = []
        /// What is still firing or pending at the end.
        public internal(set) var active: [ActiveAlert] = []
        /// Each rule that failed: how often, and why the last time.
        public internal(set) var failures: [String: (count: Int, error: String)] = [:]
        /// How many ticks of groups there were, and evaluations of rules because of a reading; those that could change nothing left out.
        public internal(set) var evaluations = 0
        /// Limits that the history suggests, rule by rule and sensor by sensor.
        public internal(set) var proposals: [LimitProposal] = []
    }

    /// Why a trial was ended.
    public enum Stop: Error, Sendable, CustomStringConvertible {
        case tooManyEvaluations(Int)
        case tooManyTransitions(Int)
        case tooManySamples(Int)
        case cancelled

        public var description: String {
            switch self {
            case .tooManyEvaluations(let count):
                "this takes more than \(count) evaluations: try a shorter time, or rules with a longer interval or with `for`"
            case .tooManyTransitions(let count):
                "more than \(count) alerts begin or end: try a shorter time, or a rule that is less easily set off"
            case .tooManySamples(let count): "the rules record more than \(count) samples: try a shorter time"
            case .cancelled: "the trial was stopped"
            }
        }
    }

    private static let maximumEvaluations = 2_000_000
    private static let maximumTransitions = 20_000

    private let file: RuleFile
    let options: QueryOptions
    private let makeEngine: @Sendable () -> RuleEngine
    private let isReading: @Sendable (Labels) -> Bool

    /// - Parameter isReading: of which series' samples rules learn as soon as they are stored: not of those that other rules write.
    /// - Parameters: else as those of `RuleEngine`.
    public init(
        _ file: RuleFile, defaultIntervalMilliseconds: Int64, options: QueryOptions = QueryOptions(),
        external: ExternalIdentity = ExternalIdentity(), completing: @escaping @Sendable (Labels) -> Labels = { $0 },
        isReading: @escaping @Sendable (Labels) -> Bool = { _ in true }
    ) {
        self.file = file
        self.options = options
        self.isReading = isReading
        makeEngine = {
            RuleEngine(
                defaultIntervalMilliseconds: defaultIntervalMilliseconds, options: options, external: external,
                completing: completing)
        }
    }

    /// Evaluates the groups at all of their ticks behind `start` and until `end`, and rules at the arrivals between them.
    /// Blocking.
    ///
    /// - Parameter isOutOfTime: asked between two evaluations; true ends the trial with what it has found so far. Should queries be
    ///   cancelled because of that, it must be true then already.
    /// - Throws: `Stop` if a limit is hit, or the options say that nobody waits any more.
    public func run(
        over source: any SeriesSource, from start: Timestamp, to end: Timestamp, isOutOfTime: () -> Bool = { false }
    ) throws(Stop) -> Outcome {
        // A text that asks for what is recorded sees it as it is then, and looks back as far as it likes.
        if !file.asksInTexts,
            let outcome = try run(over: source, from: start, to: end, isOutOfTime: isOutOfTime, asksAhead: true)
        {
            return outcome
        }
        // Some recording rule fails, or makes two series of the same labels: that is for each tick to find out.
        return try run(over: source, from: start, to: end, isOutOfTime: isOutOfTime, asksAhead: false) ?? Outcome()
    }

    /// Nil if recording rules can't be asked ahead.
    private func run(
        over source: any SeriesSource, from start: Timestamp, to end: Timestamp, isOutOfTime: () -> Bool,
        asksAhead: Bool
    ) throws(Stop) -> Outcome? {
        let engine = makeEngine()
        _ = engine.load([RuleFileResult(path: file.path, result: .success(file))], at: start)
        let span = max(0, end.milliseconds(since: start))
        let ticks = engine.groups.map { Double(span / engine.intervalMilliseconds(of: $0)) }
        guard ticks.reduce(0, +) <= Double(RuleTrial.maximumEvaluations) else {
            throw .tooManyEvaluations(RuleTrial.maximumEvaluations)
        }
        let store = TrialStore(source, hiding: engine.writtenMetrics, isReading: isReading)
        var course = TrialCourse(engine, store: store, options: options, from: start, to: end, asksAhead: asksAhead)
        var outcome = Outcome()
        var reached = start
        var arrivals = 0
        while let turn = course.next {
            if isOutOfTime() {
                outcome.until = reached
                break
            }
            if options.isCancelled() { throw .cancelled }
            if store.hasFailedAhead { return nil }
            outcome.transitions += course.take(turn)
            if isOutOfTime() {
                // Its queries may have been cancelled: that is no failure of a rule.
                outcome.until = reached
                break
            }
            if store.hasFailedAhead { return nil }
            reached = turn.time
            if turn.isArrival { arrivals += 1 }
            guard arrivals <= RuleTrial.maximumEvaluations else {
                throw .tooManyEvaluations(RuleTrial.maximumEvaluations)
            }
            guard outcome.transitions.count <= RuleTrial.maximumTransitions else {
                throw .tooManyTransitions(RuleTrial.maximumTransitions)
            }
            if store.isFull { throw .tooManySamples(TrialStore.maximumSamples) }
            if let (name, error) = course.failure(of: turn) {
                outcome.failures[name] = ((outcome.failures[name]?.count ?? 0) + 1, error)
            }
        }
        if outcome.until == nil {
            // Also one that nobody looks at may fail.
            store.fillAhead(until: end)
            if store.hasFailedAhead { return nil }
        }
        course.finish(at: outcome.until ?? end)
        outcome.evaluations = course.ticks(until: outcome.until ?? end) + arrivals
        if outcome.until == nil {
            outcome.proposals = engine.groups.flatMap { group in
                proposals(
                    for: group, interval: engine.intervalMilliseconds(of: group), from: start, to: end,
                    source: ProposalSource(store: store, from: start, to: end))
            }
        }
        outcome.active = engine.snapshot().flatMap(\.rules).flatMap(\.alerts)
        return outcome
    }
}

extension RuleFile {
    /// Whether a label or an annotation may ask a query.
    fileprivate var asksInTexts: Bool {
        groups.flatMap(\.rules).contains { rule in
            guard case .alerting(let alerting) = rule else { return false }
            return (alerting.labels + alerting.annotations).contains { $0.template.source.contains("query") }
        }
    }
}
