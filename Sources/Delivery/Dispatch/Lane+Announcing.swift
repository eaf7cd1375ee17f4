/// Alerts that the receiver has, and of which it lacks what shows them in one more place, mostly because it refused that. It is tried
/// again as long as they fire, behind everything else and a few at a time, so that nothing that is new waits for it.
extension Lane {
    /// How long after a try the next one comes.
    private static let announcingPause = Duration.seconds(60)
    /// So many are tried in one message.
    private static let mostAnnounced = 10

    /// A restart does not forget it.
    mutating func noteUnannounced(_ alert: String, at now: DeliveryMoment) -> [OutboxChange] {
        unannounced[alert] = now.advanced(by: Lane.announcingPause)
        return hold(.released, told: alert)
    }

    /// What was told is to be told once more, with its announcement.
    mutating func noteToAnnounce(_ alert: String) { unannounced[alert] = .zero }

    /// What is tried again now; what changes meanwhile is announced with the change.
    func dueAnnouncements(_ now: DeliveryMoment) -> [Told]? {
        let due = unannounced.filter { $0.value <= now }
        guard !due.isEmpty else { return nil }
        let waiting = Set(queue.map(\.news.alert)).union(aside(at: now))
        let chosen = due.keys.filter { !waiting.contains($0) }.compactMap { told[$0] }.filter { $0.hold == .released }
            .sorted { ($0.at, $0.news.alert) < ($1.at, $1.news.alert) }
        return chosen.isEmpty ? nil : Array(chosen.prefix(Lane.mostAnnounced))
    }

    /// Whether the receiver lacks nothing that it was given.
    var isWhole: Bool { aside.isEmpty && unannounced.isEmpty }
}
