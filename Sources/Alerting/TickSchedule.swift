import Readings

/// When each group of rules is due next. Ticks that were missed are not made up.
public struct TickSchedule: Sendable {
    private let engine: RuleEngine
    private var due: [RuleGroup.ID: Timestamp] = [:]

    /// Of all groups that `engine` has at each time.
    public init(of engine: RuleEngine) { self.engine = engine }

    /// The next tick of any group; nil before they were looked for.
    public var earliest: Timestamp? { due.values.min() }

    /// The groups that are due, in the order of time, each with its tick; or with `now` if the clock was set so that its tick lies far
    /// away: a clock that was set back must not keep a group waiting for the old time, and what is long past is not looked at.
    public mutating func takeDue(at now: Timestamp) -> [(group: RuleGroup.ID, time: Timestamp)] {
        var next: [RuleGroup.ID: Timestamp] = [:]
        var taken: [(group: RuleGroup.ID, time: Timestamp)] = []
        for group in engine.groups {
            let tick = due[group.id] ?? engine.nextTick(of: group, after: now)
            let isFar = tick.milliseconds(since: now).magnitude > engine.intervalMilliseconds(of: group).magnitude
            if tick <= now || isFar { taken.append((group.id, isFar ? now : tick)) }
            next[group.id] = tick <= now || isFar ? engine.nextTick(of: group, after: now) : tick
        }
        due = next
        return taken.sorted { $0.time < $1.time }
    }
}
