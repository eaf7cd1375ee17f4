import CMosquitto
import Glibc

/// Subscribes to the broker and hands every message to a sink, in the order that makes an acknowledgement a promise:
/// read a batch, let the sink make it durable with one sync, and only then let the PUBACKs leave.
///
/// `run` keeps the thread that calls it until the link is stopped. A broker that is absent is no error but a state,
/// which the link's status shows; the next try comes by itself.
public final class MQTTSubscriber {
    private let options: SubscriberOptions
    private let link: BrokerLink
    private let sink: any MessageSink

    private var version = MosquittoClient.ProtocolVersion.v5
    private var backoff = ReconnectBackoff()
    private var generator = SystemRandomNumberGenerator()
    private var gate: BatchGate
    private var hasConnected = false
    private var accepted = false
    private var acceptedAt: ContinuousClock.Instant?
    /// Connections in a row that ended soon after they were accepted.
    private var shortConnections = 0
    /// Whether the last commit failed: then a CONNACK is no sign that all is well again.
    private var storingFails = false
    /// Messages of this connection that may still be redeliveries.
    private var redeliveriesLeft = 0
    /// Why the connection just ended; the library tells it in a callback before the call fails.
    private var ending: SubscriberError?
    /// Publications that the broker has not acknowledged, by packet identifier, in the order of sending.
    private var unacknowledged: [(packetID: Int32, publication: BrokerLink.Publication)] = []
    /// Packet identifiers of SUBSCRIBEs under way.
    private var subscriptions: [Int32: String] = [:]
    private var client: MosquittoClient?

    /// `sink` is called on the thread that calls `run`, and nowhere else.
    public init(options: SubscriberOptions, link: BrokerLink, sink: any MessageSink) {
        self.options = options
        self.link = link
        self.sink = sink
        gate = BatchGate(messageLimit: 1, byteLimit: 1, window: .zero)
    }

    /// Connects, reads, and connects again, until `link.stop()`.
    public func run() {
        while !link.isStopping {
            do {
                try connectAndRead()
            } catch {
                ended(by: error)
            }
            client = nil
        }
        failPublications(.stopped, because: "stopped before the broker acknowledged it")
    }

    // MARK: - One connection

    private func connectAndRead() throws(SubscriberError) {
        link.update { $0.state = .connecting }
        accepted = false
        ending = nil
        subscriptions = [:]
        gate = makeGate()
        let client = try MosquittoClient(
            options: options, version: version,
            onMessage: { [unowned self] message in
                gate.note(bytes: message.payload.count)
                // Where we said before that we are there is no news to us.
                if !message.retained || message.topic != options.presenceTopic { sink.receive(message) }
                if redeliveriesLeft > 0 {
                    redeliveriesLeft -= 1
                    if redeliveriesLeft == 0 {
                        self.client?.watchRedelivery(false)
                        sink.redeliveriesAreOver()
                    }
                }
            },
            onEvent: { [unowned self] event in handle(event) })
        self.client = client
        try client.connect()
        while !link.isStopping {
            try waitForWork(client)
            try readBatch(client)
            try commitIfDue(client, now: .now)
            sink.attend()
            if accepted { try sendOutbox(client) }
            // While a batch is open its PUBACKs are in the queue, and nothing may be written.
            if gate.messages == 0 {
                if client.wantsWrite { try client.flush() }
                try client.keepAlive()
            }
            if let ending { throw ending }
        }
        try leave(client)
    }

    /// An open batch holds at most half of what the broker sends without an acknowledgement: what v5 agreed upon, or the
    /// 20 messages that are usual before.
    private func makeGate() -> BatchGate {
        BatchGate(
            messageLimit: version == .v5 ? options.receiveMaximum / 2 : 10, byteLimit: 64 << 10,
            window: syncWindow)
    }

    private var syncWindow: Duration { options.currentSyncWindow?() ?? options.syncWindow }

    private func waitForWork(_ client: MosquittoClient) throws(SubscriberError) {
        var waits = [
            pollfd(fd: client.socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: link.wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        // As long as a batch is open its acknowledgements must stay in the queue, so the socket's readiness to write
        // would only spin.
        if gate.messages == 0, client.wantsWrite { waits[0].events |= Int16(POLLOUT) }
        let longest = Duration.seconds(1)
        let wait = client.hasUnread ? .zero : gate.remaining(now: .now).map { min($0, longest) } ?? longest
        guard poll(&waits, nfds_t(waits.count), wait.millisecondsRoundedUp) >= 0 || errno == EINTR else {
            throw .library(code: Int32(MOSQ_ERR_ERRNO.rawValue), errno: errno, doing: "waiting for the broker")
        }
        if waits[1].revents != 0 { link.wake.clear() }
    }

    /// Reads packets as long as they are messages and the batch has room. The library reads one packet a call and
    /// does not say whether there was one: that a message came is the only sign that another may be waiting.
    private func readBatch(_ client: MosquittoClient) throws(SubscriberError) {
        repeat {
            let before = gate.messages
            try client.readPacket()
            if gate.messages == before { break }
        } while !gate.isFull
        gate.start(now: .now)
    }

    private func commitIfDue(_ client: MosquittoClient, now: ContinuousClock.Instant) throws(SubscriberError) {
        guard gate.isDue(now: now) else { return }
        try commit()
        // The acknowledgements leave here, after the sync.
        try client.flush()
    }

    private func commit() throws(SubscriberError) {
        defer { gate.reset(window: syncWindow, now: .now) }
        do {
            try sink.commit()
            if storingFails {
                storingFails = false
                backoff.reset()
                link.update { $0.lastError = nil }
            }
        } catch {
            storingFails = true
            // Not one acknowledgement of this batch may leave: no flush, no DISCONNECT (which would flush), just an end.
            client?.cut()
            throw .notDurable(String(describing: error))
        }
    }

    private func leave(_ client: MosquittoClient) throws(SubscriberError) {
        if gate.messages > 0 { try commit() }
        if accepted {
            try sendOutbox(client)
            if let topic = options.presenceTopic { try tell(Presence.offline, on: topic, client) }
        }
        client.disconnect()
    }

    private func tell(_ presence: [UInt8], on topic: String, _ client: MosquittoClient) throws(SubscriberError) {
        _ = try client.publish(BrokerLink.Publication(topic: topic, payload: presence, retain: true))
    }

    /// The library forgets publications together with the connection's client: whoever waits for one tries again.
    private func failPublications(_ state: BrokerLink.State, because reason: String) {
        for (_, publication) in unacknowledged { publication.ended?(PublicationFailure(reason)) }
        unacknowledged = []
        link.failOutbox(state, because: reason)
    }

    private func sendOutbox(_ client: MosquittoClient) throws(SubscriberError) {
        for publication in link.takeOutbox() {
            do {
                let packetID = try client.publish(publication)
                if publication.ended != nil { unacknowledged.append((packetID, publication)) }
            } catch {
                link.update { $0.publicationsDropped += 1 }
                publication.ended?(PublicationFailure(error))
            }
        }
    }

    // MARK: - What the library tells

    private func handle(_ event: MosquittoEvent) {
        switch event {
        case .connected(let sessionPresent): welcomed(sessionPresent: sessionPresent)
        case .refused(let reason):
            ending = ending ?? .refused(reason: reason, byVersion5: version == .v5)
            // 132 is v5's "unsupported protocol version"; a broker that knows only 3.1.1 answers in its own words: 1.
            if version == .v5, reason == Int32(MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION.rawValue) || reason == 1 {
                version = .v311
            }
        case .disconnected(let reason):
            if reason == Int32(MQTT_RC_SESSION_TAKEN_OVER.rawValue) {
                ending = ending ?? .takenOver(clientID: options.clientID)
            } else if reason != 0 {
                let text = reason < 128 ? mosquitto_strerror(reason) : mosquitto_reason_string(reason)
                ending = ending ?? .disconnected(String(cString: text!))
            } else {
                ending = ending ?? .disconnected("the broker closed it")
            }
        case .published(let packetID, let reason):
            guard let index = unacknowledged.firstIndex(where: { $0.packetID == packetID }) else { return }
            let publication = unacknowledged.remove(at: index).publication
            let refusal =
                reason < 128 ? nil : SubscriberError.publicationRefused(topic: publication.topic, reason: reason)
            publication.ended?(refusal.map(PublicationFailure.init))
        case .subscriptionRefused(let packetID):
            let topic = subscriptions[packetID] ?? "?"
            link.update { $0.lastError = .subscriptionRefused(topic: topic) }
        }
    }

    private func welcomed(sessionPresent: Bool) {
        accepted = true
        acceptedAt = .now
        if !storingFails { backoff.reset() }
        let isFirst = !hasConnected
        sink.connected(sessionPresent: sessionPresent)
        if sessionPresent {
            // Far more than may be unacknowledged, in case that a broker sends stored messages in between.
            redeliveriesLeft = 4 * options.receiveMaximum
            client?.watchRedelivery(true)
        }
        link.update {
            $0.state = .connected(protocolVersion: version.name)
            if !storingFails { $0.lastError = nil }
            $0.connects += 1
            if !sessionPresent, !isFirst { $0.sessionsLost += 1 }
        }
        hasConnected = true
        for topic in options.topics {
            do {
                if let packetID = try client?.subscribe(to: topic, wantsStored: isFirst) {
                    subscriptions[packetID] = topic
                }
            } catch {
                ending = error
            }
        }
        // After the subscriptions, so that it is not among what the broker had stored for us.
        if let client, let topic = options.presenceTopic {
            do { try tell(Presence.online, on: topic, client) } catch { ending = error }
        }
    }

    /// Two clients with one name throw each other out for ever. Some brokers say so (v5 reason 142), mosquitto only hangs
    /// up: then the pattern tells.
    private func noteLength(_ reason: inout SubscriberError) {
        if let acceptedAt, ContinuousClock.now - acceptedAt < .seconds(5), case .disconnected = reason {
            shortConnections += 1
        } else {
            shortConnections = 0
        }
        acceptedAt = nil
        if shortConnections >= 3 {
            reason = .repeatedlyCut(clientID: options.clientID, times: shortConnections)
        }
        switch reason {
        case .takenOver, .repeatedlyCut: backoff.lengthen()
        default: break
        }
    }

    private func ended(by error: SubscriberError) {
        client?.cut()
        var reason = ending ?? error
        // What was read before the connection broke is kept, though nobody can be told: the broker sends it again, and
        // the sink knows it then. A batch that could not be made durable is forgotten by now.
        if gate.messages > 0 {
            do {
                try commit()
            } catch {
                reason = error
            }
        }
        noteLength(&reason)
        link.update { $0.lastError = reason }
        failPublications(.waiting, because: "the connection to the broker broke before it acknowledged it")
        let deadline = ContinuousClock.now + backoff.wait(using: &generator)
        while !link.isStopping, ContinuousClock.now < deadline {
            var wait = pollfd(fd: link.wake.descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&wait, 1, min(deadline - .now, .seconds(1)).millisecondsRoundedUp)
            link.wake.clear()
            sink.attend()
        }
    }
}

extension Duration {
    /// For `poll`: never 0 for a wait that is not over, which would spin, and never negative, which would wait for ever.
    fileprivate var millisecondsRoundedUp: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        return Int32(clamping: Int64(min(milliseconds.rounded(.up), 1e9)))
    }
}
