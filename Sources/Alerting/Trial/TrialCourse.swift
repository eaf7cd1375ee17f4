import PromQL
import Readings

/// The evaluations of a trial, one after the other, as the daemon would have made them: on the groups' ticks, and of the rules without
/// `for` when a reading arrives. Those that change nothing are left out.
struct TrialCourse {
    private let engine: RuleEngine
    private let store: TrialStore
    private let end: Timestamp
    private var rules: [TrialRule] = []
    private let writers: [TrialWriter]
    /// Of the groups, what is known of their rules' answers.
    private let answers: [TrialAnswers]
    private var groupOfRule: [Int] = []
    /// The rules that have failed, and have not been evaluated on a tick since: only then is what they write there again. What such a
    /// rule wrote before becomes too old at any time.
    private var failing: Set<Int> = []

    /// - Parameter asksAhead: whether recording rules are asked ahead that can be.
    init(
        _ engine: RuleEngine, store: TrialStore, options: QueryOptions, from start: Timestamp, to end: Timestamp,
        asksAhead: Bool
    ) {
        self.engine = engine
        self.store = store
        self.end = end
        let all = engine.groups
        let immediate = engine.immediateRules
        let names = Dictionary(grouping: all.flatMap(\.rules).map(\.writtenName), by: \.self)
        // Nor may series have several writers, or be stamped with another time than that at which they are there.
        let writtenStays =
            all.allSatisfy {
                engine.intervalMilliseconds(of: $0) < options.lookbackMilliseconds && $0.queryOffsetMilliseconds == 0
            } && names.values.allSatisfy { $0.count == 1 }
        var writers: [TrialWriter] = []
        var ahead: [Int: RecordedAhead] = [:]
        let reach = engine.reach
        for (number, group) in all.enumerated() {
            let ticks = TickRaster(
                first: engine.nextTick(of: group, after: start), interval: engine.intervalMilliseconds(of: group))
            for place in group.rules.indices {
                let order = rules.count
                let arrivals = immediate.first { $0.group == group.id && $0.place == place }
                let rule = group.rules[place]
                let isAlone = group.queryOffsetMilliseconds == 0 && names[rule.writtenName]?.count == 1
                if case .recording(let recording) = rule, asksAhead, isAlone, group.limit == 0,
                    TrialCourse.canBeAsked(ahead: recording, before: order, of: all, store)
                {
                    let writer = TrialWriter(order: order, stamps: nil, ticks: ticks, lag: 0)
                    let one = RecordedAhead(
                        recording, writer: writer, reach: reach.milliseconds(of: recording.name), end: end,
                        store: store,
                        options: options, completing: engine.completing)
                    store.ask(ahead: one)
                    ahead[order] = one
                }
                let asked = arrivals?.prerequisites ?? []
                let recorded = asked.compactMap { ahead[order - place + $0] }
                let foresight = RuleForesight(
                    rule, prerequisites: asked.map { group.rules[$0].query },
                    recorded: recorded.count == asked.count ? recorded : nil,
                    isAlone: isAlone && (recorded.isEmpty || recorded.count == asked.count),
                    writtenStays: writtenStays, store: store, options: options)
                let prerequisites = arrivals?.prerequisites.map {
                    (place: $0, isAlone: names[group.rules[$0].writtenName]?.count == 1)
                }
                rules.append(
                    TrialRule(
                        group, place, order: order, arrivals: arrivals, prerequisites: prerequisites, ticks: ticks,
                        foresight: foresight, isAhead: ahead[order] != nil, until: end, store: store))
                groupOfRule.append(number)
                writers.append(
                    TrialWriter(
                        order: order, stamps: foresight.isBlind ? nil : ticks, ticks: ticks,
                        lag: group.queryOffsetMilliseconds))
            }
        }
        self.writers = writers
        answers = all.map { group in
            TrialAnswers(
                group, interval: engine.intervalMilliseconds(of: group), end: end, store: store, options: options)
        }
    }

    /// Whether nothing that the rule looks at hangs on what rules find one after the other, and none of those before it sees what it
    /// recorded in the round before.
    private static func canBeAsked(
        ahead rule: RecordingRule, before order: Int, of groups: [RuleGroup], _ store: TrialStore
    ) -> Bool {
        guard !rule.query.isAskedAlone, !rule.query.selectors.contains(where: store.mayFindLive) else {
            return false
        }
        return !groups.flatMap(\.rules)[...order].contains {
            $0.query.selectors.contains { $0.admits(metric: rule.name) }
        }
    }

    /// Whose turn it is next. Nil behind the end.
    var next: TrialTurn? {
        mutating get {
            while true {
                var first: TrialTurn?
                var look: (order: Int, time: Timestamp)?
                for order in rules.indices {
                    guard let next = rules[order].next else { continue }
                    if !next.isEvaluation {
                        if next.time < look?.time ?? Timestamp(milliseconds: .max) { look = (order, next.time) }
                    } else if first.map({ next.time <= $0.time }) ?? true {
                        let turn = rules[order].turn(at: next.time)
                        if first.map({ turn < $0 }) ?? true { first = turn }
                    }
                }
                guard let look, look.time <= first?.time ?? look.time else {
                    return first.flatMap { $0.time <= end ? $0 : nil }
                }
                self.look(look.order, behind: .first(at: look.time))
            }
        }
    }

    /// Makes an evaluation and returns what it changed.
    mutating func take(_ turn: TrialTurn) -> [AlertTransition] {
        let order = turn.order
        refresh(order, before: turn.time)
        let news = news(for: order)
        store.turn(to: writers[order], reading: reader(turn))
        let known = known(turn)
        let before = store.allNews
        let outcome = engine.evaluate(rules[order], turn, known: known, store: store)
        rules[order].note(evaluationAt: turn.time, news: news)
        var isOtherwise = store.allNews != before
        if let isSound = outcome.isSound {
            if !isSound {
                store.pause(writer: order, at: turn.time)
                if failing.insert(order).inserted { isOtherwise = true }
            } else if !turn.isArrival, failing.remove(order) != nil {
                isOtherwise = true
            }
        }
        for index in rules.indices where index == order || isOtherwise && rules[index].foresight.written != nil {
            look(index, behind: turn)
        }
        return outcome.transitions
    }

    /// Brings the values and texts of the alerts that are active up to date, as of `time`.
    mutating func finish(at time: Timestamp) {
        for order in rules.indices { refresh(order, before: time.advanced(byMilliseconds: 1)) }
    }

    /// An alert has the value and the texts of the last evaluation at which it was found, even if that changed nothing else.
    private mutating func refresh(_ order: Int, before time: Timestamp) {
        guard !rules[order].foresight.isBlind, engine.hasActiveAlerts(rules[order]),
            let missed = rules[order].missedTurn(before: time)
        else { return }
        store.turn(to: writers[order], reading: reader(missed))
        engine.refresh(rules[order], missed, known: known(missed), store: store)
    }

    /// What the rule's expression gives then; nil if it must be asked.
    private func known(_ turn: TrialTurn) -> [VectorElement]? {
        let rule = rules[turn.order]
        guard rule.foresight.isBlind else { return try? rule.foresight.elements(at: turn.time) }
        guard !turn.isArrival else { return nil }
        return answers[groupOfRule[turn.order]].elements(
            ofRule: rule.place, at: turn.time.advanced(byMilliseconds: -writers[turn.order].lag))
    }

    private func reader(_ turn: TrialTurn) -> TrialReader {
        TrialReader(now: turn.time, isArrival: turn.isArrival, order: turn.order)
    }

    private mutating func look(_ order: Int, behind turn: TrialTurn) {
        rules[order].look(
            behind: turn, restless: failing.contains(order) ? turn.time : engine.restlessness(of: rules[order]),
            news: failing.isEmpty ? news(for: order) : nil)
    }

    private func news(for order: Int) -> Int? { rules[order].foresight.written.map(store.news) }

    /// How many ticks of groups there are until `time`.
    func ticks(until time: Timestamp) -> Int {
        var seen: Set<RuleGroup.ID> = []
        return rules.reduce(0) { seen.insert($1.group.id).inserted ? $0 + $1.ticks.count(until: time) : $0 }
    }

    /// The rule, if it failed in its last turn.
    func failure(of turn: TrialTurn) -> (name: String, error: String)? { engine.failure(of: rules[turn.order]) }
}

extension Rule {
    /// What tells the series that it writes from those of other rules.
    fileprivate var writtenName: String {
        switch self {
        case .alerting(let rule): "\(AlertLabel.name)=\(rule.name)"
        case .recording(let rule): rule.name
        }
    }
}
