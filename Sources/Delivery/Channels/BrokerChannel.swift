import Alerting
import Readings

/// Something that publishes over MQTT.
public protocol Publishing: Sendable {
    /// Publishes retained or not at QoS 1, and returns when the broker has acknowledged it: nil, or why it has not.
    func publish(topic: String, payload: [UInt8], retain: Bool) async -> String?
}

/// What is published for a message.
struct Publication: Sendable, Equatable {
    var topic: String
    var payload: [UInt8]
    var retain: Bool
}

/// The broker, on which each alert is a retained message that says how it stands; with Home Assistant's discovery each is an
/// entity there.
public struct BrokerChannel: Channel {
    private let publisher: any Publishing
    private let format: BrokerFormat

    public init(format: BrokerFormat, publisher: any Publishing) {
        self.format = format
        self.publisher = publisher
    }

    public func send(_ message: Message) async -> Outcome {
        var first: String?
        // A broker that takes no announcements of entities, or nothing of one household, takes the rest.
        for publication in format.publications(for: message) {
            let problem = await publisher.publish(
                topic: publication.topic, payload: publication.payload, retain: publication.retain)
            first = first ?? problem
        }
        return first.map { .failed($0) } ?? .delivered
    }
}

/// What is published, as a function of the message alone.
public struct BrokerFormat: Sendable, Equatable {
    /// Which daemon of several at one broker this is, as a level of topics.
    private let client: String
    /// Where Home Assistant looks for entities, such as `homeassistant`; nil: nothing is announced.
    private let discoveryPrefix: String?
    /// How often heartbeats go out, which is told to Home Assistant.
    private let heartbeat: Duration?

    /// - Parameter client: the daemon's name at the broker.
    public init(client: String, discoveryPrefix: String? = nil, heartbeat: Duration? = nil) {
        self.client = AlertNotice.topicLevel(client)
        self.discoveryPrefix = discoveryPrefix
        self.heartbeat = heartbeat
    }

    /// Where `online` or `offline` stands, retained.
    public var statusTopic: String { "quantrac/status/\(client)" }
    private var heartbeatTopic: String { "quantrac/heartbeat/\(client)" }

    func publications(for message: Message) -> [Publication] {
        if message.isHeartbeat {
            return [announcement(ofHeartbeats: message)].compactMap { $0 } + [
                // Not retained: one that is old says nothing.
                Publication(
                    topic: heartbeatTopic, payload: CompactJSON.bytes(Heartbeat(message)), retain: false)
            ]
        }
        if let notice = message.dispatch.digest {
            return notice.digest.households.map { household in
                Publication(
                    topic: "quantrac/digest/\(AlertNotice.topicLevel(household))",
                    payload: CompactJSON.bytes(DigestBody(notice, of: household, sender: message.sender.name)),
                    retain: true)
            }
        }
        let clearings = message.dispatch.clearings
        if !clearings.isEmpty {
            return clearings.flatMap(\.topics).map { Publication(topic: $0, payload: [], retain: true) }
        }
        return message.entries.flatMap { entry in
            announcements(of: entry.news) + [
                Publication(topic: entry.news.notice.topic, payload: Array(entry.news.notice.json.utf8), retain: true)
            ]
        }
    }

    // MARK: - Home Assistant

    /// Home Assistant's documentation, "MQTT", "Binary sensor".
    private struct Entity: Encodable {
        struct Device: Encodable {
            var identifiers: [String]
            var name: String
            var manufacturer = "Quantrac"
        }

        struct Origin: Encodable {
            var name = "Quantrac"
        }

        var name: String
        var uniqueID: String
        var stateTopic: String?
        var valueTemplate: String?
        var deviceClass: String?
        var commandTopic: String?
        var payloadPress: String?
        var attributesTopic: String?
        var availabilityTopic: String?
        var expireAfter: Int64?
        var device: Device
        var origin = Origin()

        enum CodingKeys: String, CodingKey {
            case name, device, origin
            case uniqueID = "unique_id"
            case stateTopic = "state_topic"
            case valueTemplate = "value_template"
            case deviceClass = "device_class"
            case commandTopic = "command_topic"
            case payloadPress = "payload_press"
            case attributesTopic = "json_attributes_topic"
            case availabilityTopic = "availability_topic"
            case expireAfter = "expire_after"
        }
    }

    private var device: Entity.Device {
        Entity.Device(
            identifiers: ["quantrac_\(identifier)"], name: client == "quantracd" ? "Quantrac" : "Quantrac \(client)")
    }

    /// As Home Assistant wants identifiers in topics: letters, digits, `_` and `-`.
    private var identifier: String {
        String(client.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }

    /// A sensor that shows how the alert stands, and a button by which it is acknowledged.
    private func announcements(of news: News) -> [Publication] {
        let sensor = news.labels.device
        let name = OneLine.of(sensor.isEmpty ? news.notice.alertName : "\(sensor): \(news.notice.alertName)", most: 200)
        let state = Entity(
            name: name, uniqueID: AlertEntity.state.uniqueID(of: news.alert), stateTopic: news.notice.topic,
            valueTemplate: "{{ 'ON' if value_json.state == 'firing' else 'OFF' }}", deviceClass: "problem",
            attributesTopic: news.notice.topic, availabilityTopic: statusTopic, device: device)
        let button = Entity(
            name: "\(name) ✓", uniqueID: AlertEntity.acknowledge.uniqueID(of: news.alert),
            commandTopic: news.notice.commandTopic,
            payloadPress: #"{"acknowledge":"\#(news.alert)","by":"Home Assistant"}"#, availabilityTopic: statusTopic,
            device: device)
        return [announcement(state), announcement(button, as: .button)].compactMap { $0 }
    }

    /// An entity that becomes unavailable when nothing is heard of us.
    private func announcement(ofHeartbeats message: Message) -> Publication? {
        guard let heartbeat else { return nil }
        return announcement(
            Entity(
                name: "Heartbeat", uniqueID: "quantrac_heartbeat_\(identifier)", stateTopic: heartbeatTopic,
                valueTemplate: "{{ 'ON' if value_json.healthy else 'OFF' }}", deviceClass: "running",
                attributesTopic: heartbeatTopic,
                expireAfter: max(1, heartbeat.inMilliseconds * 3 / 1000), device: device))
    }

    private func announcement(_ entity: Entity, as component: EntityComponent = .binarySensor) -> Publication? {
        guard let prefix = discoveryPrefix else { return nil }
        return Publication(
            topic: component.topic(ofEntity: entity.uniqueID, under: prefix), payload: CompactJSON.bytes(entity),
            retain: true)
    }
}
