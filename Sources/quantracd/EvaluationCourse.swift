import Alerting
import RingStore

/// What the rules' loop knows from turn to turn: when groups are due, which rules wait for readings, and which evaluations
/// are under way.
struct EvaluationCourse {
    var ticks: TickSchedule
    let schedule: ArrivalSchedule
    private(set) var selections = EvaluationCourse.newSelections
    /// Groups of which an evaluation has begun that is not at its end.
    var underWay: Set<RuleGroup.ID> = []
    /// Those that had their time, in the order in which they go on.
    private var paused: [GroupEvaluation] = []

    init(_ engine: RuleEngine, _ arrivals: ArrivalWatch) {
        ticks = TickSchedule(of: engine)
        schedule = ArrivalSchedule(watch: arrivals)
    }

    /// Bytes of what the rules' selectors found.
    private static var newSelections: SelectionCache { SelectionCache(capacity: 32 << 20) }

    /// Begins anew where the rules are others.
    mutating func follow(_ engine: RuleEngine) {
        guard schedule.generation != engine.generation else { return }
        schedule.load(engine.immediateRules, generation: engine.generation)
        selections = EvaluationCourse.newSelections
    }

    mutating func pause(_ evaluation: GroupEvaluation) {
        underWay.insert(evaluation.group)
        paused.append(evaluation)
    }

    mutating func takePaused() -> [GroupEvaluation] {
        defer { paused = [] }
        return paused
    }
}
