import Alerting
import PromQL
import Readings
import TestSupport
import Testing

/// A rule file's engine over readings as they come, as the daemon drives it: on ticks, and for rules without `for` when a reading
/// arrives of a series that was there at a tick before. It sees no reading before its time.
struct LiveRules {
    struct Reading {
        var time: Timestamp
        var labels: Labels
        var value: Double
    }

    private let file: RuleFile
    private var engine: RuleEngine
    private let store = RuleStore()
    private var ticks: TickSchedule
    /// By rule, as `immediateRules` has them.
    private var watched: [Set<Labels>]
    private var rows: [String: String] = [:]
    private(set) var transitions: [AlertTransition] = []
    private(set) var evaluations = 0

    init(_ file: RuleFile, from start: Timestamp) {
        self.file = file
        engine = LiveRules.engine(file, at: start)
        ticks = TickSchedule(of: engine)
        #expect(ticks.takeDue(at: start).isEmpty)
        watched = engine.immediateRules.map { _ in [] }
    }

    private static func engine(_ file: RuleFile, at now: Timestamp, restoring rows: [SavedRow] = []) -> RuleEngine {
        let engine = RuleEngine()
        let report = engine.load([RuleFileResult(path: file.path, result: .success(file))], at: now, restoring: rows)
        #expect(report.errors.isEmpty && report.transitions.isEmpty)
        return engine
    }

    var active: [ActiveAlert] { engine.snapshot().flatMap(\.rules).flatMap(\.alerts) }

    /// Lives through `readings`, which ascend in time.
    ///
    /// - Parameter restarts: whether the process ends before a reading, and another goes on.
    mutating func live(_ readings: [Reading], until end: Timestamp, restarts: () -> Bool = { false }) {
        var rest = readings[...]
        while true {
            let tick = ticks.earliest ?? end.advanced(byMilliseconds: 1)
            let now = min(tick, rest.first?.time ?? tick)
            guard now <= end else { return }
            let arrived = rest.prefix { $0.time == now }
            rest = rest.dropFirst(arrived.count)
            if !arrived.isEmpty, restarts() { restart(at: now) }
            for one in arrived {
                store.write(one.labels, now.secondsSince1970, one.value)
            }
            let evaluated = evaluateGroups(at: now)
            for (index, rule) in engine.immediateRules.enumerated() where !evaluated.contains(rule.group) {
                guard arrived.contains(where: { watched[index].contains($0.labels) }) else { continue }
                // The reading took some time to get here.
                let instant = engine.instant(of: rule, reading: now, now: now.advanced(byMilliseconds: 7))
                #expect(instant == now)
                take(engine.evaluate(rule, at: instant, source: store, sink: store))
            }
        }
    }

    private mutating func evaluateGroups(at now: Timestamp) -> Set<RuleGroup.ID> {
        var evaluated: Set<RuleGroup.ID> = []
        for (group, time) in ticks.takeDue(at: now) {
            #expect(time == now)
            take(engine.evaluate(group, at: time, source: store, sink: store))
            evaluated.insert(group)
        }
        for (index, rule) in engine.immediateRules.enumerated() where evaluated.contains(rule.group) {
            watched[index] = store.readings.filter { labels in
                rule.selectors.contains { $0.allSatisfy { $0.matches(labels) } }
            }
        }
        return evaluated
    }

    private mutating func take(_ new: [AlertTransition]) {
        transitions += new
        evaluations += 1
        save(isLast: false)
    }

    private mutating func save(isLast: Bool) {
        let changes = engine.unsavedChanges(isLast: isLast)
        for row in changes.changed { rows[row.key] = row.json }
        for key in changes.removed { rows[key] = nil }
        engine.markSaved(changes)
    }

    /// Another process, which has the same readings in its store.
    private mutating func restart(at now: Timestamp) {
        save(isLast: true)
        engine = LiveRules.engine(file, at: now, restoring: rows.map { SavedRow(key: $0.key, json: $0.value) })
        // A tick may be due at this very instant.
        ticks = TickSchedule(of: engine)
        _ = ticks.takeDue(at: now.advanced(byMilliseconds: -1))
    }
}
