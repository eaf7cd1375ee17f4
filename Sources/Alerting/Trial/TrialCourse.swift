import PromQL
import Readings

/// The evaluations of a trial, one after the other, as the daemon would have made them: of groups on their ticks, and of the rules
/// without `for` when a reading arrives.
struct TrialCourse {
    private let engine: RuleEngine
    private let store: TrialStore
    private let end: Timestamp
    private var groups: [Ticks]
    private var arrivals: [TrialArrivals]
    /// The groups that had a failing rule at their last evaluation. What such a rule wrote before becomes too old at any time.
    private var failing: Set<RuleGroup.ID> = []

    private struct Ticks {
        let group: RuleGroup
        var next: Timestamp
        let answers: TrialAnswers
    }

    /// An evaluation that is due.
    enum Step {
        /// Of a group.
        case tick(Int, at: Timestamp)
        /// Of a rule.
        case arrival(Int, at: Timestamp)

        var time: Timestamp {
            switch self {
            case .tick(_, let time), .arrival(_, let time): time
            }
        }
    }

    init(_ engine: RuleEngine, store: TrialStore, options: QueryOptions, from start: Timestamp, to end: Timestamp) {
        self.engine = engine
        self.store = store
        self.end = end
        let all = engine.groups
        groups = all.map { group in
            Ticks(
                group: group, next: engine.nextTick(of: group, after: start),
                answers: TrialAnswers(
                    group, interval: engine.intervalMilliseconds(of: group), end: end, store: store, options: options))
        }
        let writtenStays = all.allSatisfy { engine.intervalMilliseconds(of: $0) < options.lookbackMilliseconds }
        arrivals = engine.immediateRules.compactMap { rule in
            guard let group = all.first(where: { $0.id == rule.group }),
                case .alerting(let alerting) = group.rules[rule.place]
            else { return nil }
            let raster = TickRaster(
                first: engine.nextTick(of: group, after: start), interval: engine.intervalMilliseconds(of: group))
            let foresight = RuleForesight(
                alerting, prerequisites: rule.prerequisites.map { group.rules[$0].query }, writtenStays: writtenStays,
                store: store, options: options)
            return TrialArrivals(rule, foresight: foresight, ticks: raster, until: end, store: store)
        }
    }

    /// Of those that are due at the same instant ticks go first, and then in the file's order, as in the daemon. Nil behind the end.
    var next: Step? {
        mutating get {
            while true {
                let tick = groups.indices.min { groups[$0].next < groups[$1].next }
                var first: (place: Int, time: Timestamp, isArrival: Bool)?
                for place in arrivals.indices {
                    guard let next = arrivals[place].next, next.time < first?.time ?? Timestamp(milliseconds: .max)
                    else { continue }
                    first = (place, next.time, next.isArrival)
                }
                if let tick, groups[tick].next <= min(end, first?.time ?? end) {
                    return .tick(tick, at: groups[tick].next)
                }
                guard let first, first.time <= end else { return nil }
                if first.isArrival { return .arrival(first.place, at: first.time) }
                look(first.place, from: first.time)
            }
        }
    }

    /// Makes an evaluation and returns what it changed.
    mutating func take(_ step: Step) -> [AlertTransition] {
        let written = store.begunOrEnded
        let transitions: [AlertTransition]
        switch step {
        case .tick(let place, let now):
            let id = groups[place].group.id
            transitions = engine.evaluate(id, at: now, source: store, sink: store, answers: groups[place].answers)
            groups[place].next = engine.nextTick(of: groups[place].group, after: now)
            let isSound = engine.failedRules(of: id).isEmpty
            let isOtherwise = isSound ? failing.remove(id) != nil : failing.insert(id).inserted
            for index in arrivals.indices where arrivals[index].rule.group == id {
                arrivals[index].note(evaluationAt: now, written: written)
            }
            lookAgain(in: id, isNews: isOtherwise || store.begunOrEnded != written) { _ in now }
        case .arrival(let place, let now):
            let rule = arrivals[place].rule
            transitions = engine.evaluate(rule, at: now, source: store, sink: store)
            arrivals[place].note(evaluationAt: now, written: written)
            // The rules before it have had their turn at this instant.
            lookAgain(in: rule.group, isNews: store.begunOrEnded != written) { index in
                index > place ? now : now.advanced(byMilliseconds: 1)
            }
        }
        return transitions
    }

    /// Looks for the next arrivals of the rules that an evaluation in `group` bears upon: of all if it is `isNews` what rules wrote.
    private mutating func lookAgain(in group: RuleGroup.ID, isNews: Bool, from: (Int) -> Timestamp) {
        for index in arrivals.indices where isNews || arrivals[index].rule.group == group {
            look(index, from: from(index))
        }
    }

    private mutating func look(_ place: Int, from time: Timestamp) {
        arrivals[place].look(
            from: time, restless: engine.restlessness(of: arrivals[place].rule),
            written: failing.isEmpty ? store.begunOrEnded : nil)
    }

    /// The rules that failed at `step`.
    func failures(of step: Step) -> [(name: String, error: String)] {
        switch step {
        case .tick(let place, _): engine.failedRules(of: groups[place].group.id)
        case .arrival(let place, _): engine.failure(of: arrivals[place].rule).map { [$0] } ?? []
        }
    }
}
