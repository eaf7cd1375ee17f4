import Readings

/// That a channel was told what an alert does, or could not be.
public struct Telling: Sendable, Equatable {
    public let channel: String
    /// The alert's, `alertname` among them
    public let labels: Labels
    /// Whether it was told that the alert fires, or that it is over.
    public let isFiring: Bool
    /// When, by the wall clock.
    public let time: Timestamp
    /// Whether the channel has it; else it was given up.
    public let isDelivered: Bool
}

extension [OutboxChange] {
    /// What was told just now, at `wall`; what was told before, and changes otherwise, is among the changes too.
    func tellings(at wall: Timestamp) -> [Telling] {
        compactMap { change in
            guard case .told(let entry) = change, entry.time == wall else { return nil }
            return Telling(
                channel: entry.channel, labels: entry.news.labels, isFiring: entry.news.isFiring, time: wall,
                isDelivered: entry.failure == nil)
        }
    }
}
