import Alerting

/// Which alerts stand retained on the broker, and of which that is to end. A value.
///
/// There is one broker: what a channel left there is cleared by whichever speaks to it afterwards.
struct RetainedAlerts: Sendable {
    private(set) var alerts: [String: RetainedAlert] = [:]
    /// What stood there until lately.
    private(set) var cleared: ClearedAlerts
    /// Those of which nothing is to be left.
    private var over: Set<String> = []
    /// Where Home Assistant's entities stand from now on; nil: nowhere.
    private var prefix: String?
    /// Those with entities elsewhere.
    private var astray: Set<String> = []
    /// Those of which nobody wrote down where their entities stand.
    private var unannounced: Set<String> = []
    /// Those of which the broker has refused the clearing, and when that is tried again. Nothing waits for them: until then they do
    /// not count among what there may be at most, nor do they drive out what can be cleared.
    private var putOff: [String: DeliveryMoment] = [:]
    /// How many are remembered at most, but for those that one message adds.
    private let most: Int

    /// So long an alert stays that has not fired, in running time.
    static let keptFor = Duration.seconds(30 * 86_400)
    /// So long a clearing waits that the broker refuses: somebody has to change its access rules.
    static let putOffFor = Duration.seconds(600)
    /// What is cleared at a time: an alert that begins waits for no more.
    static let mostTogether = 10

    init(most: Int) {
        self.most = most
        cleared = ClearedAlerts(most: max(20, most / 4))
    }

    // MARK: - What stands there

    /// Takes over what an outbox held; what was told in this run is newer.
    ///
    /// - Parameter told: by which is completed what an earlier version did not write down.
    mutating func restore(
        _ stored: [RetainedAlert], cleared gone: [RetainedAlert] = [], told: [Told]
    ) -> [OutboxChange] {
        cleared.restore(gone)
        let known = Dictionary(told.map { ($0.news.alert, $0) }, uniquingKeysWith: { $1 })
        var changes: [OutboxChange] = []
        for entry in stored {
            if var newer = alerts[entry.alert] {
                // What stands under other prefixes does so still.
                newer.prefixes += entry.prefixes.filter { !newer.prefixes.contains($0) }
                alerts[entry.alert] = newer
                changes.append(.retained(newer))
                continue
            }
            guard entry.topic.isEmpty else {
                alerts[entry.alert] = entry
                continue
            }
            guard let told = known[entry.alert] else {
                changes.append(.forgetRetained(alert: entry.alert))
                continue
            }
            // That they stand where they are looked for now is likely, and not known.
            changes += note(told.news, at: told.at)
            unannounced.insert(entry.alert)
        }
        return changes
    }

    /// Entities under any other prefix are to go.
    ///
    /// - Returns: whether it is another one than before.
    mutating func follow(prefix: String?) -> Bool {
        defer { self.prefix = prefix }
        if prefix != self.prefix { putOff = putOff.mapValues { _ in .zero } }
        astray = Set(alerts.values.filter { entry in entry.prefixes.contains { $0 != prefix } }.map(\.alert))
        return prefix != self.prefix
    }

    /// Remembers what is about to be told, before it is: nobody may hear whether the broker got it.
    mutating func note(_ news: News, at moment: DeliveryMoment) -> [OutboxChange] {
        var entry = RetainedAlert(news, prefixes: alerts[news.alert]?.prefixes ?? [], at: moment)
        if let prefix, !entry.prefixes.contains(prefix) { entry.prefixes.append(prefix) }
        over.remove(news.alert)
        unannounced.remove(news.alert)
        putOff[news.alert] = nil
        let changes = cleared.noteStanding(news.alert, prefix: prefix)
        guard alerts[news.alert] != entry else { return changes }
        alerts[news.alert] = entry
        return changes + [.retained(entry)]
    }

    /// Whether it stands there with entities where they are looked for; true, too, of what is not remembered.
    func isAnnounced(_ alert: String) -> Bool {
        guard let prefix, let entry = alerts[alert] else { return true }
        return entry.prefixes.contains(prefix) && !unannounced.contains(alert)
    }

    /// Of how many that ended long ago it is remembered how they stand.
    var mostEnds: Int { most / 4 }

    /// Whether it stands there, and is to.
    func stands(_ alert: String) -> Bool { alerts[alert] != nil && !over.contains(alert) }

    // MARK: - What is to go

    /// Finds what nobody misses any more.
    ///
    /// - Parameters:
    ///   - rules: the names of all alerts that rules can make; nil if that is not known.
    ///   - isOver: whether it is known that an alert does not fire.
    mutating func retire(rules: Set<String>?, at now: DeliveryMoment, isOver: (RetainedAlert) -> Bool) {
        let gone = alerts.values.filter { entry in
            let isUnruled = rules.map { !$0.contains(entry.name) } ?? false
            return (isUnruled || now.elapsed(since: entry.at) > RetainedAlerts.keptFor) && isOver(entry)
        }
        over = Set(gone.map(\.alert))
    }

    /// What was found is forgotten: something of it may be missed again.
    mutating func keepAll() { over = [] }

    /// Whether anything may have to be cleared.
    var hasWork: Bool { !over.isEmpty || !astray.isEmpty || alerts.count > most || cleared.hasWork }

    /// Whether there are so many that some must go before others come.
    var areTooMany: Bool { alerts.count - putOff.count > most }

    /// What is to be cleared now.
    ///
    /// - Parameter isOver: whether an alert is over, and nothing of it waits.
    func clearings(
        at now: DeliveryMoment, where isOver: (RetainedAlert) -> Bool
    ) -> [RetainedAlert.Clearing] {
        func isReady(_ entry: RetainedAlert) -> Bool { putOff[entry.alert].map { $0 <= now } ?? true }
        var chosen = over.compactMap { alerts[$0] }.filter { isReady($0) && isOver($0) }.sorted(
            by: RetainedAlerts.precedes)
        let excess = alerts.values.count(where: isReady) - chosen.count - most
        if excess > 0 {
            let others = alerts.values.filter { !over.contains($0.alert) && isReady($0) && isOver($0) }
                .sorted(by: RetainedAlerts.precedes)
            let refused = others.filter { putOff[$0.alert] != nil }
            chosen += (others.filter { putOff[$0.alert] == nil } + refused).prefix(excess)
        }
        var clearings = chosen.prefix(RetainedAlerts.mostTogether).map(\.clearing)
        let whole = Set(clearings.map(\.alert))
        let others = astray.subtracting(whole).compactMap { alerts[$0] }.filter(isReady)
        for entry in others.sorted(by: RetainedAlerts.precedes) {
            guard clearings.count < RetainedAlerts.mostTogether else { break }
            clearings.append(entry.clearing(prefixes: entry.prefixes.filter { $0 != prefix }))
        }
        return clearings + cleared.clearings(most: RetainedAlerts.mostTogether - clearings.count)
    }

    /// The connection is a new one: the broker may have again what was cleared.
    mutating func clearAgain(at now: DeliveryMoment) -> [OutboxChange] { cleared.clearAgain(at: now) }

    /// It is under way.
    mutating func take(_ clearings: [RetainedAlert.Clearing]) {
        for clearing in clearings where clearing.isAgain { cleared.take(clearing) }
    }

    /// Nobody knows whether the broker has cleared it.
    mutating func putBack(_ clearings: [RetainedAlert.Clearing]) {
        for clearing in clearings where clearing.isAgain { cleared.putBack(clearing) }
    }

    /// The oldest first.
    private static func precedes(_ a: RetainedAlert, _ b: RetainedAlert) -> Bool { (a.at, a.alert) < (b.at, b.alert) }

    /// The broker refuses to have these cleared. Where they come to be too many the oldest are forgotten: what stands there of
    /// them stays.
    mutating func putOff(_ refused: [String], at now: DeliveryMoment) -> [OutboxChange] {
        for alert in refused where alerts[alert] != nil { putOff[alert] = now.advanced(by: RetainedAlerts.putOffFor) }
        let oldest = putOff.keys.compactMap { alerts[$0] }.sorted(by: RetainedAlerts.precedes)
        return oldest.prefix(max(0, putOff.count - most)).map { forget($0.alert) }
    }

    /// The broker has cleared it.
    ///
    /// - Parameter waiting: the alerts that will stand there again in a moment.
    mutating func noteCleared(
        _ clearings: [RetainedAlert.Clearing], waiting: Set<String>, at now: DeliveryMoment
    ) -> [OutboxChange] {
        clearings.filter { !$0.isAgain }.flatMap { clearing -> [OutboxChange] in
            putOff[clearing.alert] = nil
            guard var entry = alerts[clearing.alert] else { return [] }
            if clearing.isWhole {
                guard !waiting.contains(clearing.alert) else { return [] }
                return cleared.note(clearing.prefixes, isWhole: true, of: entry, at: now) + [forget(clearing.alert)]
            }
            // What is looked for there again is announced there again.
            let gone = clearing.prefixes.filter { $0 != prefix }
            entry.prefixes.removeAll(where: gone.contains)
            alerts[clearing.alert] = entry
            if !entry.prefixes.contains(where: { $0 != prefix }) { astray.remove(clearing.alert) }
            return cleared.note(gone, isWhole: false, of: entry, at: now) + [.retained(entry)]
        }
    }

    /// Where those that fire alone are too many, the oldest of these are forgotten: their ends bring them back.
    mutating func dropFiring(where isFiring: (RetainedAlert) -> Bool) -> [OutboxChange] {
        guard areTooMany else { return [] }
        let firing = alerts.values.filter(isFiring).sorted(by: RetainedAlerts.precedes)
        return firing.prefix(max(0, firing.count - most)).map { forget($0.alert) }
    }

    private mutating func forget(_ alert: String) -> OutboxChange {
        alerts[alert] = nil
        over.remove(alert)
        astray.remove(alert)
        unannounced.remove(alert)
        putOff[alert] = nil
        return .forgetRetained(alert: alert)
    }
}
