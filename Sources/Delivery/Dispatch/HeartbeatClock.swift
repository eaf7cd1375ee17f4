/// When a channel is told that we are alive. A value without clock.
struct HeartbeatClock: Sendable {
    /// The dispatch that is under way.
    private(set) var running: Int64?
    private var due = DeliveryMoment.zero
    /// In a row.
    private var failures = 0

    /// So long waits what the receiver refuses: somebody has to change something.
    static let refusedFor = Duration.seconds(300)

    func isDue(at now: DeliveryMoment) -> Bool { running == nil && due <= now }

    mutating func begin(_ id: Int64, at now: DeliveryMoment, every interval: Duration) {
        running = id
        due = now.advanced(by: interval)
    }

    /// As soon as may be.
    mutating func hurry(at now: DeliveryMoment) { due = min(due, now) }

    /// One that failed is tried again before the next would be due, which may be in a day.
    ///
    /// - Parameter failedBefore: whether the one before had failed. Then this one counted that among what is wrong, and how things
    ///   are now is said at once.
    mutating func end(
        _ outcome: Outcome, at now: DeliveryMoment, failedBefore: Bool, backoff: Backoff, random: Double
    ) {
        running = nil
        let wanted: Duration?
        switch outcome {
        case .delivered, .divided, .partly:
            failures = 0
            if failedBefore { hurry(at: now) }
            return
        case .failed(_, let retryAfter): wanted = retryAfter
        case .rejected: wanted = HeartbeatClock.refusedFor
        }
        failures += 1
        due = min(
            due, now.advanced(by: backoff.wait(failures: failures, random: random, wanted: wanted)))
    }
}
