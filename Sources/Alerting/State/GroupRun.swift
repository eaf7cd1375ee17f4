import Readings

/// A group with what its evaluations have brought so far.
struct GroupRun: Sendable {
    var group: RuleGroup
    /// One for each of the group's rules, in their order.
    var rules: [RuleRun]
    var lastEvaluation: Timestamp?
    var cost: Duration = .zero
    private(set) var edition = GroupEdition()
    /// When the first evaluation after a gap was, while its aftermath lasts.
    private(set) var resumedAt: Timestamp?
    /// How many ticks were left out because an evaluation was still under way, and the last two of them.
    private(set) var missedTicks = 0
    private(set) var lastMissed: [Timestamp] = []
    /// Until when it is known that an evaluation was under way.
    private var busyUntil: Timestamp?

    /// Whether an evaluation at `now` comes soon after a gap in which there were none for `gap` milliseconds, such as a
    /// machine's sleep. "Soon" is `aftermath`: by then every sensor that counts as alive has spoken again.
    mutating func comesAfterGap(at now: Timestamp, longerThan gap: Int64, aftermath: Int64) -> Bool {
        if let last = lastSign, now.milliseconds(since: last) > gap { resumedAt = now }
        guard let start = resumedAt else { return false }
        if !(0..<aftermath).contains(now.milliseconds(since: start)) { resumedAt = nil }
        return resumedAt != nil
    }

    /// When it was evaluated last, or was still so at a tick.
    private var lastSign: Timestamp? {
        lastEvaluation.map { max($0, busyUntil ?? $0) }
    }

    /// - Parameter gap: an evaluation that goes on for so long without a tick was not under way: the machine slept.
    mutating func noteMissedTick(at tick: Timestamp, gap: Int64?) {
        missedTicks += 1
        lastMissed = lastMissed.suffix(1) + [tick]
        guard let last = lastSign, let gap, (0...gap).contains(tick.milliseconds(since: last)) else { return }
        busyUntil = tick
    }

    /// Of what is under way nothing more is taken over.
    mutating func beginEdition() {
        edition.end()
        edition = GroupEdition()
    }

    /// Goes on as if the clock had not been set; where that hides readings, as after a gap. Evaluations that are under way are over.
    mutating func clockWasSet(by shift: Int64, to now: Timestamp, hidesReadings: Bool) {
        beginEdition()
        lastEvaluation = lastEvaluation?.advanced(byMilliseconds: shift)
        busyUntil = busyUntil?.advanced(byMilliseconds: shift)
        resumedAt = hidesReadings ? now : resumedAt?.advanced(byMilliseconds: shift)
        for index in rules.indices { rules[index].clockWasSet(by: shift, to: now) }
    }

    /// The group's rules as what they are known by over a restart.
    var keys: [RuleKey] {
        var places: [Labels: Int] = [:]
        return rules.map { run in
            let identity = run.rule.identity
            let place = places[identity, default: 0]
            places[identity] = place + 1
            return RuleKey(group: group.id, identity: identity, place: place)
        }
    }

    /// All alerts of the group.
    var savedAlerts: [SavedAlert] {
        zip(rules, keys).flatMap { run, key in run.alerts.alerts.values.map { SavedAlert($0, of: key) } }
    }

    /// Nil before the first evaluation.
    var saved: SavedGroup? {
        lastEvaluation.map {
            SavedGroup(
                file: group.id.file, group: group.id.name, evaluatedAt: $0.milliseconds,
                resumedAt: resumedAt?.milliseconds)
        }
    }

    /// Takes over those of `alerts`, by rule, that are of rules of this group, and takes them out there; and `saved`.
    mutating func restore(
        _ alerts: inout [RuleKey: [SavedAlert]], _ saved: SavedGroup?, completing: (Labels) -> Labels
    ) {
        for (index, key) in keys.enumerated() {
            guard let known = alerts.removeValue(forKey: key) else { continue }
            rules[index].restore(known.map(\.alert), completing: completing)
        }
        guard let saved, lastEvaluation == nil else { return }
        lastEvaluation = Timestamp(milliseconds: saved.evaluatedAt)
        resumedAt = saved.resumedAt.map { Timestamp(milliseconds: $0) }
    }

    /// Runs for `groups`, of which those that did not change go on with what is under way; with the alerts of those rules in `old` whose group, name and labels are the same; and the
    /// rules of `old` that have no successor, each with its former group.
    static func takingOver(
        _ old: [GroupRun], for groups: [RuleGroup]
    ) -> (runs: [GroupRun], orphans: [(rule: RuleRun, group: RuleGroup)]) {
        var orphans: [(rule: RuleRun, group: RuleGroup)] = []
        var remaining: [RuleGroup.ID: GroupRun] = [:]
        for run in old { remaining[run.group.id] = run }
        var runs: [GroupRun] = []
        for group in groups {
            let known = remaining.removeValue(forKey: group.id)
            // Rules that are alike in name and labels are told apart by their order.
            var free = Dictionary(grouping: known?.rules ?? [], by: \.rule.identity).mapValues { $0[...] }
            let rules = group.rules.map { rule in
                free[rule.identity]?.popFirst().map { $0.following(rule) } ?? RuleRun(rule: rule)
            }
            orphans += free.values.joined().map { ($0, known?.group ?? group) }
            var run = known ?? GroupRun(group: group, rules: [])
            if !group.evaluates(as: run.group) {
                run.beginEdition()
                // That is for the other rules to show.
                run.lastMissed = []
            }
            run.group = group
            run.rules = rules
            runs.append(run)
        }
        for run in remaining.values { orphans += run.rules.map { ($0, run.group) } }
        return (runs, orphans)
    }
}
