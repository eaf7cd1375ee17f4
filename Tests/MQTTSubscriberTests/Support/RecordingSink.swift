import Foundation
import MQTTSubscriber
import Synchronization
import TestSupport

/// A sink that keeps what it was given, and fails its commits when told to.
final class RecordingSink: MessageSink, Sendable {
    struct Received: Sendable, Equatable {
        var topic: String
        var payload: String
        var retained: Bool
        var packetID: UInt16
        var isRedelivery: Bool?
    }

    struct Full: Error {}

    struct Contents {
        var open: [Received] = []
        var committed: [Received] = []
        var commits = 0
        var largestBatch = 0
        var failsCommits = false
        var failures = 0
        var sessions: [Bool] = []
    }

    let contents = Mutex(Contents())

    var committed: [Received] { contents.withLock { $0.committed } }

    func receive(_ message: IncomingMessage) {
        let received = Received(
            topic: message.topic, payload: String(decoding: message.payload, as: UTF8.self),
            retained: message.retained, packetID: message.packetID, isRedelivery: message.isRedelivery)
        contents.withLock { $0.open.append(received) }
    }

    func commit() throws {
        try contents.withLock { contents in
            defer { contents.open = [] }
            if contents.failsCommits {
                contents.failures += 1
                throw Full()
            }
            contents.committed += contents.open
            contents.commits += 1
            contents.largestBatch = max(contents.largestBatch, contents.open.count)
        }
    }

    func connected(sessionPresent: Bool) {
        contents.withLock { $0.sessions.append(sessionPresent) }
    }

    func redeliveriesAreOver() {}
}

/// A subscriber on a thread of its own.
final class RunningSubscriber: Sendable {
    let link: BrokerLink
    let sink: RecordingSink
    private let ended = Mutex(false)

    init(_ options: SubscriberOptions, sink: RecordingSink = RecordingSink()) throws {
        let link = try BrokerLink()
        self.link = link
        self.sink = sink
        Thread.detachNewThread { [self] in
            MQTTSubscriber(options: options, link: link, sink: sink).run()
            ended.withLock { $0 = true }
        }
    }

    func waitForConnection() async throws -> Bool {
        try await eventually { if case .connected = link.status.state { true } else { false } }
    }

    func stop() async throws -> Bool {
        link.stop()
        return try await eventually(timeout: .seconds(5)) { ended.withLock { $0 } }
    }
}
