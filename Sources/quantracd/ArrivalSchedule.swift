import Alerting
import Readings
import RingStore
import Synchronization

/// Which rules are evaluated because readings have arrived, and when. The rules' thread asks it.
///
/// They may take a twentieth of one processor altogether: where more arrives, the ticks come first.
final class ArrivalSchedule: Sendable {
    /// A rule with the series that it watches.
    private struct Watched {
        let rule: ImmediateRule
        /// How many series each of its selectors had found when they were last looked at.
        var counts: [Int]
        var cost = Duration.zero
    }

    /// A rule that is to be evaluated because of a reading.
    struct Arrival {
        /// In the list of the rules.
        let place: Int
        let rule: ImmediateRule
        /// The time of the newest reading that has arrived.
        let reading: Timestamp
    }

    private struct State {
        var rules: [Watched] = []
        var placesByGroup: [RuleGroup.ID: [Int]] = [:]
        /// By place, with the newest reading's time.
        var due: [Int: Timestamp] = [:]
        var budget = ArrivalBudget(at: .now)
        /// Of a rule and a series that it watches.
        var pairs = 0
        var generation = -1
    }

    private let watch: ArrivalWatch
    private let state = Mutex(State())

    /// Of what is beyond that, ticks take care.
    private static let mostPairs = 2_000_000

    init(watch: ArrivalWatch) { self.watch = watch }

    /// Of the rules' load.
    var generation: Int { state.withLock { $0.generation } }

    /// Begins anew with other rules.
    func load(_ rules: [ImmediateRule], generation: Int) {
        watch.removeAll()
        state.withLock { state in
            state = State()
            state.rules = rules.map { Watched(rule: $0, counts: $0.selectors.map { _ in 0 }) }
            state.placesByGroup = Dictionary(grouping: rules.indices) { rules[$0].group }
            state.generation = generation
        }
    }

    /// Takes up the series that are new. To be called at the ticks of `group`, all of whose rules are evaluated over `snapshot`:
    /// readings that arrive from now on are news to them.
    func follow(_ snapshot: StoreSnapshot, _ selections: SelectionCache, of group: RuleGroup.ID) {
        state.withLock { state in
            for place in state.placesByGroup[group] ?? [] {
                state.due[place] = nil
                guard state.pairs < ArrivalSchedule.mostPairs else { continue }
                for (index, selector) in state.rules[place].rule.selectors.enumerated() {
                    let found = selections.series(matching: selector, in: snapshot)
                    let new = found.count - state.rules[place].counts[index]
                    guard new > 0 else { continue }
                    state.rules[place].counts[index] = found.count
                    state.pairs += new
                    watch.add(found, to: place)
                }
            }
        }
    }

    /// The rules that are to be evaluated now, in the files' order: as many as the budget has room for, the cheapest first.
    ///
    /// - Parameter busy: groups of which an evaluation is under way; their rules wait until it is over.
    func takeDue(at now: ContinuousClock.Instant, butOf busy: Set<RuleGroup.ID> = []) -> [Arrival] {
        let arrived = watch.takeDue()
        return state.withLock { state in
            let known = arrived.filter { state.rules.indices.contains($0.key) }
            state.due.merge(known, uniquingKeysWith: max)
            guard !state.due.isEmpty else { return [] }
            state.budget.fill(at: now)
            var taken: [Arrival] = []
            for (place, reading) in state.due.sorted(by: { state.rules[$0.key].cost < state.rules[$1.key].cost }) {
                if busy.contains(state.rules[place].rule.group) { continue }
                guard state.budget.take(state.rules[place].cost) else { break }
                state.due[place] = nil
                taken.append(Arrival(place: place, rule: state.rules[place].rule, reading: reading))
            }
            return taken.sorted { $0.place < $1.place }
        }
    }

    /// Takes back what could not be evaluated, because an evaluation of its group has begun.
    func giveBack(_ arrival: Arrival) {
        state.withLock { state in
            guard state.rules.indices.contains(arrival.place) else { return }
            state.budget.correct(by: state.rules[arrival.place].cost)
            state.due[arrival.place] = max(state.due[arrival.place] ?? arrival.reading, arrival.reading)
        }
    }

    /// Says what the rule at `place` has cost.
    func note(_ cost: Duration, of place: Int) {
        state.withLock { state in
            guard state.rules.indices.contains(place) else { return }
            state.budget.correct(by: state.rules[place].cost - cost)
            state.rules[place].cost = cost
        }
    }
}

/// Processor time that fills up with the time that passes.
struct ArrivalBudget {
    private static let most = Duration.milliseconds(250)
    /// What is kept for rules that cost next to nothing.
    private static let reserve = Duration.milliseconds(100)
    private static let cheap = Duration.milliseconds(1)

    private var left = ArrivalBudget.most
    private var filledAt: ContinuousClock.Instant

    init(at now: ContinuousClock.Instant) { filledAt = now }

    mutating func fill(at now: ContinuousClock.Instant) {
        left = min(ArrivalBudget.most, left + (now - filledAt) / 20)
        filledAt = now
    }

    /// Takes `cost`, as it is expected to be, if there is room for it. One that is above all there ever is may go when it is full.
    mutating func take(_ cost: Duration) -> Bool {
        let room = cost <= ArrivalBudget.cheap ? left : left - ArrivalBudget.reserve
        guard room > .zero, room >= min(cost, ArrivalBudget.most - ArrivalBudget.reserve) else { return false }
        left -= cost
        return true
    }

    /// Gives back what was taken too much, or takes what was too little.
    mutating func correct(by difference: Duration) { left += difference }
}
