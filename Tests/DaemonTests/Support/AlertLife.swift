import Alerting
import Intake
import PromQL
import Readings
import RingStore
import StorageSimulator
import Synchronization
import TestSupport

@testable import Delivery
@testable import quantracd

/// A store on a simulated disk with rules and an outbox over it, drawn from a seed: sensors speak, fall silent and deliver late,
/// the process is killed, the power goes, the disk refuses, the machine sleeps, the clock is set, the receiver does not answer.
///
/// Everything that a daemon does in an evaluation happens here in the same order; the threads are left out.
struct AlertLife {
    private struct Sensor {
        var name: String
        var period: Int64
        var isHigh = false
        var due: Int64 = 0
        var changesAt: Int64 = 0
        var silentUntil: Int64 = 0
        /// Readings that it keeps and delivers later.
        var kept: [(time: Timestamp, value: Double)]?
    }

    /// A reading on its way.
    private struct Message {
        var sensor: Int
        var time: Timestamp
        var value: Double
    }

    /// What the store took of a sensor.
    private struct Stored: CustomStringConvertible {
        var time: Timestamp
        var value: Double
        var isLate: Bool

        var description: String { "\(value) of \(time)\(isLate ? ", late" : "")" }
    }

    /// A process.
    private struct Daemon {
        var store: RingStore
        var writer: StoreWriter
        var engine: RuleEngine
        var dispatcher: Dispatcher
        /// What no rule sees.
        let late: LateReadings
        var clock = ClockWatch()
        var flight: [Dispatch] = []
        var due: [RuleGroup.ID: Timestamp] = [:]
        var hasReconciled = false
    }

    private static let rules = """
        groups:
        - name: g
          rules:
          - record: x:last
            expr: last_over_time(x[1h])
          - alert: Warm
            expr: x:last > 5 or x:last > 3 and on (device) ALERTS{alertname="Warm", alertstate="firing"}
        - name: h
          rules:
          - alert: Held
            expr: last_over_time(x[1h]) > 5
            for: 2m
            keep_firing_for: 1m
          - alert: Mean
            expr: avg_over_time(x[10m]) > 4
        """
    /// What `Mean` looks back, in milliseconds.
    private static let window: Int64 = 600_000

    private var random: SeededGenerator
    private var disk: SimulatedDisk
    private var daemon: Daemon?
    private var downUntil: Int64 = 0
    /// Milliseconds: since the begin, and by the wall clock.
    private var running: Int64 = 0
    private var wall = Timestamp(milliseconds: 1_790_000_000_000)
    private let origin = ContinuousClock.now
    private var sensors: [Sensor]
    private var broker: [Message] = []
    private var content = OutboxContent()
    private var trouble = 3

    /// What the receiver took of each alert, in its order, each key once.
    private(set) var heard: [String: [News]] = [:]
    /// How often each sensor rose above the limit in what was stored, in its order.
    private(set) var rises: [String: Int] = [:]
    private var newest: [Int: (time: Timestamp, isHigh: Bool)] = [:]
    /// By sensor, as long as `Mean` may look back to it.
    private var stored: [String: [Stored]] = [:]
    /// Changes of `Mean` that were looked at.
    private(set) var judged = 0
    private(set) var complaints: [String] = []
    private(set) var events: [String: Int] = [:]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        disk = SimulatedDisk(seed: seed)
        sensors = []
        for index in 0..<3 {
            sensors.append(Sensor(name: "s\(index)", period: Int64.random(in: 15...90, using: &random) * 1000))
        }
    }

    /// Some hours of life, then an hour in which nothing goes wrong.
    mutating func live() {
        for _ in 0..<1500 {
            if Int.random(in: 0..<12, using: &random) == 0 { somethingHappens() }
            step(troubled: true)
        }
        disk.failWrites(nil)
        trouble = 0
        downUntil = 0
        for index in sensors.indices {
            sensors[index].silentUntil = 0
            deliverLate(index)
        }
        for _ in 0..<720 { step(troubled: false) }
    }

    /// Whether the last that the receiver heard is what is.
    func isRight(_ alert: String, _ sensor: Int) -> Bool {
        let last = heard.values.compactMap(\.last).first {
            $0.labels["alertname"] == alert && $0.labels.device == sensors[sensor].name
        }
        return (last?.isFiring ?? false) == sensors[sensor].isHigh
    }

    var sensorNames: [String] { sensors.map(\.name) }

    // MARK: - The world

    private mutating func pass(_ milliseconds: Int64) {
        running += milliseconds
        wall = wall.advanced(byMilliseconds: milliseconds)
    }

    private mutating func step(troubled: Bool) {
        pass(5000)
        for index in sensors.indices { speak(index, troubled: troubled) }
        if daemon == nil, running >= downUntil { start() }
        guard daemon != nil else { return }
        takeIn()
        keepLate()
        evaluate()
        deliver()
        if disk.isDown { die() }
    }

    private mutating func speak(_ index: Int, troubled: Bool) {
        if troubled, running >= sensors[index].changesAt {
            sensors[index].isHigh.toggle()
            sensors[index].changesAt = running + Int64.random(in: 400...2000, using: &random) * 1000
        }
        guard running >= sensors[index].due, running >= sensors[index].silentUntil else { return }
        sensors[index].due = running + sensors[index].period
        let value =
            sensors[index].isHigh ? Double.random(in: 6...9, using: &random) : Double.random(in: 0...2, using: &random)
        if sensors[index].kept != nil {
            sensors[index].kept?.append((wall, value))
            if Int.random(in: 0..<6, using: &random) == 0 { deliverLate(index) }
        } else {
            broker.append(Message(sensor: index, time: wall, value: value))
        }
    }

    /// What a sensor has kept, after a newer reading.
    private mutating func deliverLate(_ index: Int) {
        guard let kept = sensors[index].kept, let last = kept.last else { return }
        broker.append(Message(sensor: index, time: last.time, value: last.value))
        // Such as would turn any average around.
        let isHostile = Bool.random(using: &random)
        broker += kept.dropLast().shuffled(using: &random).map {
            Message(sensor: index, time: $0.time, value: isHostile ? ($0.value > 5 ? -40 : 40) : $0.value)
        }
        sensors[index].kept = nil
    }

    private mutating func somethingHappens() {
        let kinds = ["kill", "power cut", "full disk", "sleep", "clock", "silence", "late", "slow receiver"]
        let kind = kinds.randomElement(using: &random) ?? "kill"
        events[kind, default: 0] += 1
        let index = Int.random(in: 0..<sensors.count, using: &random)
        switch kind {
        case "kill": die()
        case "power cut": disk.cutPower(atCall: disk.calls + Int.random(in: 1...20, using: &random))
        case "full disk": disk.failWrites(Bool.random(using: &random) ? 28 : nil)
        case "sleep":
            pass(Int64.random(in: 1...40, using: &random) * 60_000)
        case "clock": wall = wall.advanced(byMilliseconds: Int64.random(in: 1...7_200_000, using: &random))
        case "silence":
            sensors[index].silentUntil = running + Int64.random(in: 1...20, using: &random) * 60_000
        case "late": sensors[index].kept = sensors[index].kept ?? []
        default: trouble = Int.random(in: 0...9, using: &random)
        }
    }

    // MARK: - The daemon

    private mutating func die() {
        guard let last = daemon else { return }
        // What was under way may have arrived.
        for dispatch in last.flight where Bool.random(using: &random) { receive(dispatch) }
        daemon = nil
        if disk.isDown || Bool.random(using: &random) { disk.restart() } else { disk.killProcess() }
        downUntil = running + Int64.random(in: 0...10, using: &random) * 60_000
    }

    private mutating func start() {
        guard
            let (store, writer) = try? RingStore.open(directory: disk.directory, options: .tiny(segments: 512))
        else {
            disk.failWrites(nil)
            if disk.isDown { disk.restart() }
            return
        }
        let engine = RuleEngine()
        guard let file = try? RuleFile.parse(Self.rules, path: "r.yaml") else {
            return complain("the rules do not parse")
        }
        let rows = content.rows.map { SavedRow(key: $0.key, json: $0.value) }
        var dispatcher = Dispatcher(channels: [ChannelPolicy(name: "phone")], capacity: 1 << 30)
        _ = dispatcher.restore(content)
        let late = LateReadings(patience: 0)
        for key in late.restore(rows.filter { SavedRow.isLate(key: $0.key) }, of: store.snapshot()) {
            content.rows[key] = nil
        }
        let report = engine.load(
            [RuleFileResult(path: "r.yaml", result: .success(file))], at: wall,
            restoring: rows.filter { !SavedRow.isLate(key: $0.key) })
        late.follow(engine.reach)
        daemon = Daemon(store: store, writer: writer, engine: engine, dispatcher: dispatcher, late: late)
        record(report.transitions)
    }

    private mutating func takeIn() {
        guard let daemon, !broker.isEmpty else { return }
        let batch = StoreBatch(
            store: daemon.store, writer: daemon.writer, syncWindow: SyncWindow(fixed: .zero, disk: nil),
            late: daemon.late, now: { [wall] in wall })
        for message in broker {
            let labels: Labels = ["__name__": "x", "device": sensors[message.sensor].name]
            guard let series = batch.series(for: labels, unit: nil) else { return }
            batch.beginMessage(fingerprint: nil)
            batch.beginRow(at: message.time)
            batch.add(message.value, to: series)
        }
        guard (try? batch.commit()) != nil else { return }
        note(broker)
        // Of whom nothing was heard for as long as the rules look back, the next word is news again.
        newest = newest.filter { wall.milliseconds(since: $0.value.time) < 3_540_000 }
        for message in broker {
            let isHigh = message.value > 5
            // One that comes late changes nothing.
            if let last = newest[message.sensor], last.time > message.time { continue }
            if isHigh, newest[message.sensor]?.isHigh != true { rises[sensors[message.sensor].name, default: 0] += 1 }
            newest[message.sensor] = (message.time, isHigh)
        }
        broker = []
    }

    /// Now and then, as the rules' loop does it: what the process has not saved when it ends is the store's to know.
    private mutating func keepLate() {
        guard let daemon, Int.random(in: 0..<20, using: &random) == 0 else { return }
        let (rows, through) = daemon.late.takeUnsavedRows()
        for (key, row) in rows { content.rows[key] = row }
        daemon.store.lateNotesAreKept(through: through)
    }

    private mutating func note(_ messages: [Message]) {
        let first = wall.advanced(byMilliseconds: -2 * AlertLife.window)
        for sensor in sensors { stored[sensor.name]?.removeAll { $0.time < first } }
        var last = newest.mapValues(\.time)
        for message in messages {
            let isLate = last[message.sensor].map { message.time < $0 } ?? false
            if !isLate { last[message.sensor] = message.time }
            stored[sensors[message.sensor].name, default: []].append(
                Stored(time: message.time, value: message.value, isLate: isLate))
        }
    }

    /// Whether what came in its order is as a change of `Mean` says. Late readings neither make it begin nor end.
    private mutating func judge(_ transition: AlertTransition) {
        guard transition.labels["alertname"] == "Mean", broker.isEmpty else { return }
        let first = transition.at.advanced(byMilliseconds: -AlertLife.window)
        let seen = (stored[transition.labels.device] ?? []).filter { $0.time > first && $0.time <= transition.at }
        judged += 1
        let values = seen.filter { !$0.isLate }.map(\.value)
        let holds = !values.isEmpty && values.reduce(0, +) / Double(values.count) > 4
        if holds != (transition.to == .firing) {
            complain("\(transition.labels.device) \(transition.to) at \(transition.at): \(seen)")
        }
    }

    private mutating func evaluate() {
        guard var daemon else { return }
        let engine = daemon.engine
        if let shift = daemon.clock.shift(wall, running: origin + .milliseconds(running)) {
            engine.clockWasSet(by: shift, to: wall)
        }
        let sink = WriterSink(daemon.writer)
        daemon.late.prune(at: wall, kept: Timestamp(milliseconds: daemon.store.snapshot().wholeFrom))
        let source = { [store = daemon.store, late = daemon.late] in
            StoreSource(snapshot: store.snapshot(), late: late.moment)
        }
        var evaluations: [(Timestamp) -> [AlertTransition]] = []
        for group in engine.groups {
            let next = daemon.due[group.id] ?? engine.nextTick(of: group, after: wall)
            let isFar = abs(next.milliseconds(since: wall)) > engine.intervalMilliseconds(of: group)
            guard next <= wall || isFar else {
                daemon.due[group.id] = next
                continue
            }
            daemon.due[group.id] = engine.nextTick(of: group, after: wall)
            let time = isFar ? wall : next
            evaluations.append { _ in
                engine.evaluate(group.id, at: time, source: source(), sink: sink)
            }
        }
        for rule in engine.immediateRules {
            evaluations.append { now in
                engine.evaluate(rule, at: now, source: source(), sink: sink)
            }
        }
        self.daemon = daemon
        for evaluation in evaluations where self.daemon != nil { record(evaluation(wall)) }
        reconcile()
    }

    /// State and notices together, or, if the end comes before, neither.
    private mutating func record(_ transitions: [AlertTransition]) {
        guard let daemon else { return }
        for transition in transitions { judge(transition) }
        if !transitions.isEmpty, Int.random(in: 0..<20, using: &random) == 0, trouble > 0 { return die() }
        var now = daemon
        for notice in transitions.compactMap({ AlertNotice($0) }) {
            _ = now.dispatcher.add(notice, at: moment)
        }
        let changes = now.engine.unsavedChanges()
        for row in changes.changed { content.rows[row.key] = row.json }
        for key in changes.removed { content.rows[key] = nil }
        now.engine.markSaved(changes)
        save(now)
    }

    private mutating func save(_ daemon: Daemon) {
        content.notices = daemon.dispatcher.lanes.flatMap(\.queue)
        content.told = daemon.dispatcher.lanes.flatMap { $0.told.values }
        self.daemon = daemon
    }

    private mutating func reconcile() {
        guard var daemon, !daemon.hasReconciled else { return }
        let groups = daemon.engine.snapshot()
        guard groups.allSatisfy({ $0.lastEvaluation != nil }) else { return }
        daemon.hasReconciled = true
        let alerts = groups.flatMap(\.rules).flatMap(\.alerts)
        let known = alerts.compactMap { alert in
            AlertNotice(
                AlertTransition(
                    labels: alert.labels, annotations: alert.annotations, from: .pending, to: .firing,
                    value: alert.value, activeAt: alert.activeAt, at: alert.firedAt ?? alert.activeAt)
            ).map { (alert, $0) }
        }
        _ = daemon.dispatcher.reconcile(
            firing: known.filter { $0.0.state == .firing }.map(\.1), active: Set(known.map(\.1.fingerprint)),
            at: moment,
            wall: wall)
        save(daemon)
    }

    // MARK: - The receiver

    private mutating func deliver() {
        guard var daemon else { return }
        daemon.flight += daemon.dispatcher.advance(to: moment, wall: wall).dispatches
        while let dispatch = daemon.flight.popLast() {
            let fails = Int.random(in: 0..<10, using: &random) < trouble
            if !fails || Int.random(in: 0..<3, using: &random) == 0 { receive(dispatch) }
            _ = daemon.dispatcher.finish(
                dispatch.id, fails ? .failed("no answer") : .delivered, at: moment, wall: wall, random: 0.5)
            save(daemon)
        }
        save(daemon)
    }

    private mutating func receive(_ dispatch: Dispatch) {
        for news in dispatch.notices.map(\.news)
        where heard[news.alert]?.contains(where: { $0.key == news.key }) != true {
            heard[news.alert, default: []].append(news)
        }
    }

    private var moment: DeliveryMoment { .zero.advanced(by: .milliseconds(running)) }

    private mutating func complain(_ what: String) { complaints.append(what) }
}

/// Writes what rules record with the store's writer; all on one thread.
private final class WriterSink: SampleSink {
    private nonisolated(unsafe) let writer: StoreWriter

    init(_ writer: StoreWriter) { self.writer = writer }

    func write(_ samples: [RuleSample]) {
        var batch = Batch()
        for one in samples {
            guard case .series(let series) = writer.register(SeriesDescriptor(labels: one.labels, unit: nil)) else {
                continue
            }
            batch.beginMessage()
            batch.beginRow(at: one.sample.time)
            batch.add(series, one.sample.value)
        }
        _ = try? writer.append(batch)
    }
}
