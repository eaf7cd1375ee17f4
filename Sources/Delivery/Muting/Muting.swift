import Alerting
import Readings

/// What the configuration says of muting, beside what single channels have.
public struct MutingRules: Sendable, Equatable {
    public var maintenance: [MaintenanceWindow]
    public var dependencies: [Dependency]

    public init(maintenance: [MaintenanceWindow] = [], dependencies: [Dependency] = []) {
        self.maintenance = maintenance
        self.dependencies = dependencies
    }

    var isEmpty: Bool { maintenance.isEmpty && dependencies.isEmpty }
}

/// Which alerts people are not told of now, and why. A value without clock.
struct Muting: Sendable {
    private(set) var silences: [Int64: Silence] = [:]
    var rules = MutingRules() {
        didSet { forgetAnswers() }
    }
    /// The labels of all alerts that fire.
    private(set) var firing: [String: Labels] = [:]
    /// Sources of dependencies that have ended so lately that they still explain others, by alert.
    private(set) var lingering: [String: LingeringSource] = [:]
    private var nextID: Int64 = 1
    /// Which alert is explained by which; nil: to be found out again.
    private var explained: [String: String]?
    /// What was found out about alerts, and for which time it holds.
    private var answers: [String: Mute?] = [:]
    private var answersHold: Range<Timestamp>?

    /// Silences that are there at most, those that are over included.
    static let mostSilences = 1000
    /// So long one that is over is kept.
    static let keptFor = Duration.seconds(86_400)

    var isIdle: Bool { silences.isEmpty && rules.isEmpty }

    // MARK: - What fires

    /// - Parameter now: nil for what is known from before a restart.
    mutating func note(
        _ alert: String, _ labels: Labels, isFiring: Bool, at now: DeliveryMoment? = nil
    ) -> [OutboxChange] {
        let fired = firing[alert] != nil
        firing[alert] = isFiring ? labels : nil
        var changes: [OutboxChange] = []
        if lingering.removeValue(forKey: alert) != nil { changes.append(.forgetLingering(alert: alert)) }
        if let now, fired, !isFiring {
            let grace = rules.dependencies.filter { $0.sources.allSatisfy { $0.matches(labels) } }.map(\.grace).max()
            if let grace, grace > .zero {
                let source = LingeringSource(alert: alert, labels: labels, until: now.advanced(by: grace))
                lingering[alert] = source
                changes = [.lingering(source)]
            }
        }
        forgetAnswers()
        return changes
    }

    /// - Parameter uncertain: names of rules of whose alerts nothing is known: they are taken for what they were.
    mutating func replaceFiring(_ alerts: [String: Labels], uncertain: Set<String>) {
        let old = firing.filter { uncertain.contains($0.value[AlertLabel.name] ?? "") }
        let new = alerts.merging(old) { new, _ in new }
        guard new != firing else { return }
        firing = new
        forgetAnswers()
    }

    private mutating func forgetAnswers() {
        explained = nil
        answersHold = nil
    }

    // MARK: - Silences

    /// Takes over what an outbox held.
    mutating func restore(_ stored: [Silence], lingering sources: [LingeringSource]) {
        for source in sources where lingering[source.alert] == nil && firing[source.alert] == nil {
            lingering[source.alert] = source
        }
        forgetAnswers()
        for silence in stored where silences[silence.id] == nil {
            silences[silence.id] = silence
            nextID = max(nextID, silence.id < .max ? silence.id + 1 : .max)
        }
    }

    /// Takes in a silence. The same again lasts as long as is said now.
    ///
    /// - Returns: nil if there are too many.
    mutating func add(_ silence: Silence, at wall: Timestamp) -> (silence: Silence, changes: [OutboxChange])? {
        var changes: [OutboxChange] = []
        var silence = silence
        silence.hasBegun = silence.starts <= wall
        if var same = silences.values.first(where: { $0.isSame(as: silence) && $0.isActive(at: wall) }) {
            same.ends = silence.ends
            silence = same
        } else {
            if silences.count >= Muting.mostSilences {
                // The numbers rise: the oldest.
                guard let over = silences.values.filter({ $0.overSince != nil }).map(\.id).min() else { return nil }
                changes += remove(over)
            }
            silence.id = nextID
            nextID += 1
        }
        silences[silence.id] = silence
        answersHold = nil
        return (silence, changes + [.silence(silence)])
    }

    mutating func remove(_ id: Int64) -> [OutboxChange] {
        answersHold = nil
        return silences.removeValue(forKey: id) == nil ? [] : [.unsilence(id: id)]
    }

    /// Ends what was acknowledged of an alert, since that is over.
    mutating func endAcknowledgements(where isOver: (Silence) -> Bool) -> [OutboxChange] {
        silences.values.filter { $0.kind == .acknowledge && isOver($0) }.sorted { $0.id < $1.id }.flatMap {
            remove($0.id)
        }
    }

    /// Notes which silences began and ended, and forgets those that have been over for a day.
    mutating func settle(at now: DeliveryMoment, wall: Timestamp) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for alert in lingering.values.filter({ $0.until <= now }).map(\.alert).sorted() {
            lingering[alert] = nil
            changes.append(.forgetLingering(alert: alert))
            forgetAnswers()
        }
        for var silence in silences.values.sorted(by: { $0.id < $1.id }) {
            let before = silence
            if silence.starts <= wall { silence.hasBegun = true }
            let isOver = silence.hasBegun && !silence.isActive(at: wall)
            if isOver != (silence.overSince != nil) { silence.overSince = isOver ? now : nil }
            if let since = silence.overSince, now.elapsed(since: since) > Muting.keptFor {
                changes += remove(silence.id)
            } else if silence != before {
                silences[silence.id] = silence
                changes.append(.silence(silence))
            }
        }
        return changes
    }

    // MARK: - Asking

    /// Which of `alerts` nobody is told of, whatever the channel.
    mutating func mutes(of alerts: [String: Labels], at wall: Timestamp) -> [String: Mute] {
        guard !isIdle else { return [:] }
        if answersHold?.contains(wall) != true {
            answers = [:]
            answersHold = wall..<nextChange(after: wall)
        }
        let windows = rules.maintenance.filter { $0.hours.contains(wall) }
        let active = silences.values.filter { $0.isActive(at: wall) }.sorted(by: Muting.precedes)
        let sources = firing.merging(lingering.mapValues(\.labels)) { firing, _ in firing }
        let explained = self.explained ?? DependencyGraph.explained(sources, by: rules.dependencies)
        self.explained = explained
        var mutes: [String: Mute] = [:]
        for (alert, labels) in alerts {
            if let known = answers[alert] {
                mutes[alert] = known
                continue
            }
            var mute: Mute?
            if let silence = active.first(where: { $0.covers(alert: alert, labels) }) {
                mute = Mute(.silence(silence), until: silence.ends)
            } else if let window = windows.first(where: { $0.matchers.allSatisfy { $0.matches(labels) } }) {
                mute = Mute(.maintenance(window.name), until: window.hours.end(after: wall))
            } else if let source = explained[alert], let name = sources[source]?[AlertLabel.name] {
                mute = Mute(.dependency(alertName: name, alert: source), until: nil)
            }
            answers[alert] = .some(mute)
            mutes[alert] = mute
        }
        return mutes
    }

    /// Until when no silence begins or ends, and no hour of a window.
    private func nextChange(after wall: Timestamp) -> Timestamp {
        let minute = wall.advanced(byMilliseconds: 60_000 - (wall.milliseconds % 60_000 + 60_000) % 60_000)
        return silences.values.flatMap { [$0.starts, $0.ends].compactMap { $0 } }.filter { $0 > wall }.reduce(
            minute, min)
    }

    /// What lasts longest is shown: an acknowledgement first.
    private static func precedes(_ a: Silence, _ b: Silence) -> Bool {
        let (first, second) = (a.ends?.milliseconds ?? .max, b.ends?.milliseconds ?? .max)
        return (second, a.id) < (first, b.id)
    }
}
