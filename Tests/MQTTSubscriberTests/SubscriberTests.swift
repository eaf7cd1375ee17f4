import MQTTSubscriber
import Synchronization
import TestSupport
import Testing

@Suite("The subscriber, on a real mosquitto")
struct SubscriberTests {
    private func options(_ broker: MosquittoBroker, topics: [String] = ["#"]) -> SubscriberOptions {
        SubscriberOptions(host: "127.0.0.1", port: broker.port, clientID: "quantracd-test", topics: topics)
    }

    @Test func messagesArriveWithTopicPayloadAndFlags() async throws {
        let broker = try await MosquittoBroker()
        try await broker.publish("stored", to: "a/b", retain: true)
        let subscriber = try RunningSubscriber(options(broker))
        #expect(try await subscriber.waitForConnection())
        #expect(subscriber.link.status.state == .connected(protocolVersion: "5"))
        #expect(try await eventually { subscriber.sink.committed.count == 1 })
        try await broker.publish("21.5", to: "phòng khách/temperature")
        try await broker.publish("", to: "empty", qos: 0)
        #expect(try await eventually { subscriber.sink.committed.count == 3 })
        let received = subscriber.sink.committed
        #expect(received.map(\.topic) == ["a/b", "phòng khách/temperature", "empty"])
        #expect(received.map(\.payload) == ["stored", "21.5", ""])
        #expect(received.map(\.retained) == [true, false, false])
        #expect(received[1].packetID > 0)
        #expect(received[2].packetID == 0)
        #expect(try await subscriber.stop())
        #expect(subscriber.link.status.state == .stopped)
    }

    @Test func whatCouldNotBeMadeDurableIsNotAcknowledgedAndComesAgain() async throws {
        let broker = try await MosquittoBroker()
        let sink = RecordingSink()
        let subscriber = try RunningSubscriber(options(broker), sink: sink)
        #expect(try await subscriber.waitForConnection())
        sink.contents.withLock { $0.failsCommits = true }
        for number in 1...5 { try await broker.publish("\(number)", to: "n") }
        #expect(try await eventually { sink.contents.withLock { $0.failures > 0 } })
        #expect(subscriber.link.status.lastError?.description.contains("not acknowledged") == true)
        #expect(sink.committed.isEmpty)
        sink.contents.withLock { $0.failsCommits = false }
        #expect(try await eventually { sink.committed.count >= 5 })
        #expect(sink.committed.map(\.payload) == ["1", "2", "3", "4", "5"])
        // At least the first was sent before, and its DUP flag was seen.
        #expect(sink.committed.first?.isRedelivery == true)
        #expect(sink.contents.withLock { $0.sessions }.last == true)
        #expect(try await subscriber.stop())
        // Nothing comes a third time.
        let second = try RunningSubscriber(options(broker))
        #expect(try await second.waitForConnection())
        try await broker.publish("end", to: "n")
        #expect(try await eventually { second.sink.committed.last?.payload == "end" })
        #expect(second.sink.committed.count == 1)
        #expect(try await second.stop())
    }

    @Test func theBrokerKeepsWhatComesWhileWeAreAway() async throws {
        let broker = try await MosquittoBroker()
        let first = try RunningSubscriber(options(broker))
        #expect(try await first.waitForConnection())
        #expect(try await first.stop())
        for number in 1...20 { try await broker.publish("\(number)", to: "n") }
        let second = try RunningSubscriber(options(broker))
        #expect(try await eventually { second.sink.committed.count == 20 })
        #expect(second.sink.committed.map(\.payload) == (1...20).map(String.init))
        #expect(try await second.stop())
    }

    @Test func anAbsentBrokerIsAStateAndItsReturnIsNoticed() async throws {
        let broker = try await MosquittoBroker()
        try await broker.stop()
        let subscriber = try RunningSubscriber(options(broker))
        #expect(try await eventually { subscriber.link.status.state == .waiting })
        #expect(subscriber.link.status.lastError?.description.contains("onnect") == true)
        try await broker.start()
        #expect(try await subscriber.waitForConnection())
        #expect(subscriber.link.status.lastError == nil)
        try await broker.stop()
        #expect(try await eventually { subscriber.link.status.state == .waiting })
        try await broker.start()
        #expect(try await subscriber.waitForConnection())
        #expect(subscriber.link.status.connects == 2)
        try await broker.publish("1", to: "n")
        #expect(try await eventually { subscriber.sink.committed.count == 1 })
        #expect(try await subscriber.stop())
    }

    @Test func stoppingWhileTheBrokerIsAwayIsPrompt() async throws {
        let broker = try await MosquittoBroker()
        try await broker.stop()
        let subscriber = try RunningSubscriber(options(broker))
        #expect(try await eventually { subscriber.link.status.state == .waiting })
        #expect(try await subscriber.stop())
    }

    @Test func publicationsReachTheBrokerButNotOurselves() async throws {
        let broker = try await MosquittoBroker()
        let publisher = try RunningSubscriber(options(broker))
        #expect(try await publisher.waitForConnection())
        for text in ["old", "new"] {
            #expect(
                await publisher.link.publish(topic: "quantrac/alerts/x", payload: Array(text.utf8), retain: true) == nil
            )
        }
        var other = options(broker)
        other.clientID = "other"
        let listener = try RunningSubscriber(other)
        #expect(try await eventually { listener.sink.committed.map(\.payload).contains("new") })
        #expect(!listener.sink.committed.map(\.payload).contains("old"))
        try await broker.publish("end", to: "n")
        #expect(try await eventually { publisher.sink.committed.last?.payload == "end" })
        #expect(publisher.sink.committed.count == 1)
        #expect(try await publisher.stop())
        #expect(try await listener.stop())
    }

    @Test func whatTheBrokerDoesNotAcknowledgeIsSaid() async throws {
        let broker = try await MosquittoBroker()
        let publisher = try RunningSubscriber(options(broker))
        #expect(try await publisher.waitForConnection())
        broker.pause()
        async let answer = publisher.link.publish(topic: "t", payload: [1], retain: false)
        try await Task.sleep(for: .milliseconds(300))
        broker.resume()
        #expect(await answer == nil)
        broker.pause()
        async let lost = publisher.link.publish(topic: "t", payload: [2], retain: false)
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await publisher.stop())
        #expect(await lost?.description.contains("stopped") == true)
        broker.resume()
        #expect(
            await publisher.link.publish(topic: "t", payload: [3], retain: false)?.description.contains("not connected")
                == true)
    }

    @Test func whatTheBrokerRefusesIsSaid() async throws {
        let directory = try TemporaryDirectory()
        let rules = "topic read #\ntopic readwrite open/#\n"
        try directory.write(rules, to: "acl")
        let broker = try await MosquittoBroker(settings: ["acl_file \(directory.file("acl"))"])
        let publisher = try RunningSubscriber(options(broker))
        #expect(try await publisher.waitForConnection())
        let refusal = await publisher.link.publish(topic: "closed/t", payload: [1], retain: true)
        #expect(
            refusal?.description.contains("closed/t") == true && refusal?.description.contains("Not authorized") == true
                && refusal?.prospect == .refused)
        // With `max_queued_messages 0` mosquitto hangs up after a refusal.
        #expect(
            try await eventually { await publisher.link.publish(topic: "open/t", payload: [1], retain: true) == nil })
        #expect(try await publisher.stop())
    }

    /// The broker says so in its answer, or at the beginning, so that the library does not even try.
    @Test(arguments: ["message_size_limit 1000", "max_packet_size 1000"])
    func whatIsTooLongIsRefusedForEverAndAlone(setting: String) async throws {
        let broker = try await MosquittoBroker(settings: [setting])
        let publisher = try RunningSubscriber(options(broker))
        #expect(try await publisher.waitForConnection())
        let long = [UInt8](repeating: 65, count: 2000)
        let refusal = await publisher.link.publish(topic: "long/t", payload: long, retain: true)
        #expect(refusal?.prospect == .hopeless && refusal?.description.contains("long/t") == true, "\(refusal)")
        // With `max_queued_messages 0` mosquitto hangs up after a refusal.
        #expect(
            try await eventually { await publisher.link.publish(topic: "short/t", payload: [1], retain: true) == nil })
        #expect(try await publisher.stop())
    }

    @Test func whetherWeAreThereStandsOnTheBroker() async throws {
        let broker = try await MosquittoBroker()
        var present = options(broker)
        present.clientID = "present"
        present.topics = ["nothing"]
        present.presenceTopic = "presence"
        let listener = try RunningSubscriber(options(broker))
        #expect(try await listener.waitForConnection())
        let subscriber = try RunningSubscriber(present)
        #expect(try await eventually { listener.sink.committed.map(\.payload) == ["online"] })
        #expect(try await subscriber.stop())
        #expect(try await eventually { listener.sink.committed.map(\.payload) == ["online", "offline"] })
        // What stands there is no message for the next one.
        present.topics = ["#"]
        let next = try RunningSubscriber(present)
        #expect(try await next.waitForConnection())
        try await broker.publish("1", to: "n")
        #expect(try await eventually { next.sink.committed.map(\.payload) == ["1"] })
        #expect(try await next.stop())
        #expect(try await listener.stop())
    }

    @Test func aWindowGathersMessagesIntoFewerCommits() async throws {
        let broker = try await MosquittoBroker()
        var options = options(broker)
        options.syncWindow = .milliseconds(700)
        let subscriber = try RunningSubscriber(options)
        #expect(try await subscriber.waitForConnection())
        for number in 1...10 { try await broker.publish("\(number)", to: "n", qos: 1) }
        #expect(try await eventually { subscriber.sink.committed.count == 10 })
        #expect(subscriber.sink.contents.withLock { $0.commits } < 10)
        #expect(try await subscriber.stop())
    }

    @Test func aSecondClientWithOurNameIsNamedAsTheCause() async throws {
        let broker = try await MosquittoBroker()
        let first = try RunningSubscriber(options(broker))
        #expect(try await first.waitForConnection())
        let second = try RunningSubscriber(options(broker))
        #expect(try await second.waitForConnection())
        func named() -> Bool {
            [first, second].contains { subscriber in
                subscriber.link.status.lastError?.description.contains("mqtt.clientId") == true
            }
        }
        #expect(try await eventually(timeout: .seconds(30)) { named() })
        #expect(try await first.stop())
        #expect(try await second.stop())
    }

    @Test func aBrokerThatRefusesIsNotAskedInATightLoop() async throws {
        let broker = try await MosquittoBroker(settings: ["password_file /dev/null"])
        var options = options(broker)
        options.username = "nobody"
        options.password = "wrong"
        let subscriber = try RunningSubscriber(options)
        #expect(try await eventually { subscriber.link.status.state == .waiting })
        #expect(subscriber.link.status.lastError?.description.contains("refused") == true)
        #expect(subscriber.link.status.connects == 0)
        #expect(try await subscriber.stop())
    }
}
