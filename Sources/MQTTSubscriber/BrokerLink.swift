import Synchronization

/// The subscriber as other threads see it: its state, a way to publish, and the way to stop it.
public final class BrokerLink: Sendable {
    public enum State: Sendable, Equatable {
        case connecting
        /// `protocolVersion` is `5` or `3.1.1`.
        case connected(protocolVersion: String)
        /// Until the next try.
        case waiting
        case stopped
    }

    public struct Status: Sendable {
        public var state: State
        /// Since when `state` holds.
        public var since: ContinuousClock.Instant
        /// Why the last connection ended or the last try failed; nil once a connection stands.
        public var lastError: SubscriberError?
        /// How often the broker accepted us.
        public var connects: UInt64
        /// How often it had forgotten our session, so that messages may have been lost in between.
        public var sessionsLost: UInt64
        /// Publications given up because too many waited, or there was no connection.
        public var publicationsDropped: UInt64
    }

    struct Publication: Sendable {
        var topic: String
        var payload: [UInt8]
        var retain: Bool
        /// Told once: nil when the broker acknowledged it, else why it did not. Without it nobody asks, and QoS 0 will do.
        var ended: (@Sendable (_ failure: PublicationFailure?) -> Void)?
    }

    private struct Shared {
        var status: Status
        var stopping = false
        var outbox: [Publication] = []
    }

    /// Publications that may wait while the broker is away.
    static let outboxLimit = 10_000

    let wake: WakeEvent
    private let shared: Mutex<Shared>

    /// - Throws: if the process has no file descriptor left.
    public init() throws(SubscriberError) {
        wake = try WakeEvent()
        shared = Mutex(
            Shared(
                status: Status(
                    state: .connecting, since: .now, lastError: nil, connects: 0, sessionsLost: 0,
                    publicationsDropped: 0)))
    }

    public var status: Status { shared.withLock { $0.status } }

    /// Publishes `payload` at QoS 1 over the connection that stands, and returns when the broker took it: nil; or why it
    /// did not, so that the caller tries again where that may help. The broker may have it all the same, unless it refused it.
    public func publish(topic: String, payload: [UInt8], retain: Bool) async -> PublicationFailure? {
        await withCheckedContinuation { continuation in
            let publication = Publication(topic: topic, payload: payload, retain: retain) {
                continuation.resume(returning: $0)
            }
            let problem: String? = shared.withLock { shared in
                guard case .connected = shared.status.state else {
                    return "the broker is not connected" + (shared.status.lastError.map { ": \($0)" } ?? "")
                }
                guard shared.outbox.count < BrokerLink.outboxLimit else { return "too many publications wait" }
                shared.outbox.append(publication)
                return nil
            }
            if let problem { publication.ended?(PublicationFailure(problem)) } else { wake.signal() }
        }
    }

    /// Publishes `payload` at QoS 0, once, not retained: it is forgotten with the connection. Beyond 10,000 that wait it is given
    /// up and counted.
    public func publishOnce(topic: String, payload: [UInt8]) {
        shared.withLock { shared in
            guard case .connected = shared.status.state, shared.outbox.count < BrokerLink.outboxLimit else {
                shared.status.publicationsDropped += 1
                return
            }
            shared.outbox.append(Publication(topic: topic, payload: payload, retain: false))
        }
        wake.signal()
    }

    /// Asks the subscriber to commit what it has, acknowledge it, and leave. `run` returns soon after.
    public func stop() {
        shared.withLock { $0.stopping = true }
        wake.signal()
    }

    /// Lets the subscriber call `attend()` of its sink soon.
    public func wakeUp() {
        wake.signal()
    }

    var isStopping: Bool { shared.withLock { $0.stopping } }

    func takeOutbox() -> [Publication] {
        shared.withLock { shared in
            defer { shared.outbox = [] }
            return shared.outbox
        }
    }

    /// Ends what waits, because the connection ended; then nothing is added before there is another.
    func failOutbox(_ state: State, because reason: String) {
        let waiting = shared.withLock { shared in
            if shared.status.state != state { shared.status.since = .now }
            shared.status.state = state
            defer { shared.outbox = [] }
            return shared.outbox
        }
        for publication in waiting { publication.ended?(PublicationFailure(reason)) }
    }

    func update(_ change: (inout Status) -> Void) {
        shared.withLock { shared in
            let before = shared.status.state
            change(&shared.status)
            if shared.status.state != before { shared.status.since = .now }
        }
    }
}
