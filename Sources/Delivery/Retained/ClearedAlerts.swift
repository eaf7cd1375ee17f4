/// What was taken off the broker lately: one that comes back with an older memory has it again. A value.
struct ClearedAlerts: Sendable {
    /// What was cleared of each alert, and when last; an empty topic: only announcements were.
    private(set) var entries: [String: RetainedAlert] = [:]
    /// Those that are to be cleared again.
    private var waiting: Set<String> = []
    /// How many are remembered; the oldest are forgotten.
    private let most: Int

    /// So long they are remembered, in running time: a broker writes its memory each half an hour, and people make copies of it.
    static let keptFor = Duration.seconds(7 * 86_400)

    init(most: Int) { self.most = most }

    /// Takes over what an outbox held; what was cleared in this run is newer.
    mutating func restore(_ stored: [RetainedAlert]) {
        for entry in stored where entries[entry.alert] == nil { entries[entry.alert] = entry }
    }

    // MARK: - What was cleared

    /// The broker has taken this away of `alert`: the announcements under `prefixes` and, where it is all of it, its state.
    mutating func note(
        _ prefixes: [String], isWhole: Bool, of alert: RetainedAlert, at now: DeliveryMoment
    ) -> [OutboxChange] {
        guard isWhole || !prefixes.isEmpty else { return [] }
        let former = entries[alert.alert]
        let others = former?.prefixes.filter { !prefixes.contains($0) } ?? []
        let entry = RetainedAlert(
            alert: alert.alert, name: alert.name, topic: isWhole ? alert.topic : former?.topic ?? "",
            prefixes: others + prefixes, at: now)
        entries[alert.alert] = entry
        return [.cleared(entry)] + forgetOldest(at: now)
    }

    /// The alert stands there again, with announcements under `prefix`.
    mutating func noteStanding(_ alert: String, prefix: String?) -> [OutboxChange] {
        guard var entry = entries[alert] else { return [] }
        let before = entry
        entry = RetainedAlert(
            alert: alert, name: entry.name, topic: "", prefixes: entry.prefixes.filter { $0 != prefix },
            at: entry.at)
        guard entry != before else { return [] }
        guard !entry.prefixes.isEmpty else { return [forget(alert)] }
        entries[alert] = entry
        return [.cleared(entry)]
    }

    private mutating func forgetOldest(at now: DeliveryMoment) -> [OutboxChange] {
        let oldest = entries.values.sorted { ($0.at, $0.alert) < ($1.at, $1.alert) }
        let excess = max(0, oldest.count - most)
        let gone =
            oldest.prefix(excess)
            + oldest.dropFirst(excess).filter {
                now.elapsed(since: $0.at) > ClearedAlerts.keptFor
            }
        return gone.map { forget($0.alert) }
    }

    private mutating func forget(_ alert: String) -> OutboxChange {
        entries[alert] = nil
        waiting.remove(alert)
        return .forgetCleared(alert: alert)
    }

    // MARK: - Clearing it again

    var hasWork: Bool { !waiting.isEmpty }

    /// The connection is a new one.
    mutating func clearAgain(at now: DeliveryMoment) -> [OutboxChange] {
        let changes = forgetOldest(at: now)
        waiting = Set(entries.keys)
        return changes
    }

    /// What is to be cleared again now.
    func clearings(most count: Int) -> [RetainedAlert.Clearing] {
        waiting.sorted().prefix(max(0, count)).compactMap { entries[$0]?.clearingAgain }
    }

    /// It is under way.
    mutating func take(_ clearing: RetainedAlert.Clearing) { waiting.remove(clearing.alert) }

    /// Nobody knows whether the broker has done it.
    mutating func putBack(_ clearing: RetainedAlert.Clearing) {
        if entries[clearing.alert] != nil { waiting.insert(clearing.alert) }
    }
}
