import Readings

/// How a channel has answered.
public struct ChannelHealth: Sendable, Equatable {
    /// Tries in a row that failed.
    public internal(set) var failures = 0
    /// Why the last try failed; nil once one went well.
    public internal(set) var lastError: String?
    /// Since when it fails.
    public internal(set) var failingSince: Timestamp?
    public internal(set) var lastSuccess: Timestamp?
    /// Notices delivered, since the start.
    public internal(set) var delivered: UInt64 = 0
    /// Tries that failed, since the start.
    public internal(set) var failedTries: UInt64 = 0
    /// Notices that the receiver refused.
    public internal(set) var rejected: UInt64 = 0
    /// Notices that were given up because they waited too long.
    public internal(set) var expired: UInt64 = 0
    /// Notices that were given up because the outbox is full.
    public internal(set) var dropped: UInt64 = 0
    /// Notices that another channel was asked to tell.
    public internal(set) var escalated: UInt64 = 0
    public internal(set) var heartbeats: UInt64 = 0
    /// Why the last heartbeat failed; nil if it went out.
    public internal(set) var heartbeatError: String?

    /// - Parameter isWhole: whether nothing is set aside that the receiver refuses for the time being.
    mutating func succeed(_ wall: Timestamp, isWhole: Bool) {
        failures = 0
        lastSuccess = wall
        if isWhole { recover() }
    }

    /// Nothing is wrong any more.
    mutating func recover() {
        lastError = nil
        failingSince = nil
    }

    mutating func fail(_ reason: String, _ wall: Timestamp) {
        failures += 1
        failedTries += 1
        lastError = reason
        if failingSince == nil { failingSince = wall }
    }

    /// The receiver answers, and yet does not take what it is given.
    mutating func reject(_ reason: String, _ wall: Timestamp) {
        rejected += 1
        refuse(reason, wall)
    }

    /// The receiver does not take something for the time being. That is no failure of the channel, for which others would wait.
    mutating func refuse(_ reason: String, _ wall: Timestamp) {
        failedTries += 1
        lastError = reason
        if failingSince == nil { failingSince = wall }
    }

    /// With how it goes for those that hear later than the others. What is delivered counts once, when the first have it.
    func joined(with stragglers: [ChannelHealth]) -> ChannelHealth {
        stragglers.reduce(into: self) { all, one in
            all.failures = max(all.failures, one.failures)
            all.lastError = all.lastError ?? one.lastError
            all.failingSince = [all.failingSince, one.failingSince].compactMap { $0 }.min()
            all.failedTries += one.failedTries
            all.rejected += one.rejected
            all.expired += one.expired
            all.dropped += one.dropped
            all.escalated += one.escalated
        }
    }

    mutating func heartbeat(_ outcome: Outcome, _ wall: Timestamp) {
        switch outcome {
        case .delivered:
            heartbeats += 1
            heartbeatError = nil
        case .failed(let reason, _), .rejected(let reason): heartbeatError = reason
        // It has no entries.
        case .divided, .partly: break
        }
    }
}
