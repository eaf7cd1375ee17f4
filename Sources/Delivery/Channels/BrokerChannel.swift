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
        for publication in format.publications(for: message) {
            let problem = await publisher.publish(
                topic: publication.topic, payload: publication.payload, retain: publication.retain)
            if let problem { return .failed(problem) }
        }
        return .delivered
    }
}

/// What is published, as a function of the message alone.
public struct BrokerFormat: Sendable, Equatable {
    /// Where Home Assistant looks for entities, such as `homeassistant`; nil: nothing is announced.
    private let discoveryPrefix: String?
    /// How often heartbeats go out, which is told to Home Assistant.
    private let heartbeat: Duration?
    /// Where `online` or `offline` stands, retained.
    public static let statusTopic = "quantrac/status"
    static let heartbeatTopic = "quantrac/heartbeat"

    public init(discoveryPrefix: String? = nil, heartbeat: Duration? = nil) {
        self.discoveryPrefix = discoveryPrefix
        self.heartbeat = heartbeat
    }

    func publications(for message: Message) -> [Publication] {
        if message.isHeartbeat {
            return [announcement(ofHeartbeats: message)].compactMap { $0 } + [
                // Not retained: one that is old says nothing.
                Publication(
                    topic: BrokerFormat.heartbeatTopic, payload: CompactJSON.bytes(Heartbeat(message)), retain: false)
            ]
        }
        return message.entries.flatMap { entry in
            [announcement(of: entry.news)].compactMap { $0 } + [
                Publication(topic: entry.news.notice.topic, payload: Array(entry.news.notice.json.utf8), retain: true)
            ]
        }
    }

    // MARK: - Home Assistant

    /// Home Assistant's documentation, "MQTT", "Binary sensor".
    private struct Entity: Encodable {
        struct Device: Encodable {
            var identifiers = ["quantrac"]
            var name = "Quantrac"
            var manufacturer = "Quantrac"
        }

        struct Origin: Encodable {
            var name = "Quantrac"
        }

        var name: String
        var unique_id: String
        var state_topic: String
        var value_template: String
        var device_class: String
        var json_attributes_topic: String?
        var availability_topic: String?
        var expire_after: Int64?
        var device = Device()
        var origin = Origin()
    }

    private func announcement(of news: News) -> Publication? {
        let device = news.labels.device
        let name = OneLine.of(device.isEmpty ? news.notice.alertName : "\(device): \(news.notice.alertName)", most: 200)
        return announcement(
            Entity(
                name: name, unique_id: "quantrac_\(news.alert)", state_topic: news.notice.topic,
                value_template: "{{ 'ON' if value_json.state == 'firing' else 'OFF' }}", device_class: "problem",
                json_attributes_topic: news.notice.topic, availability_topic: BrokerFormat.statusTopic))
    }

    /// An entity that becomes unavailable when nothing is heard of us.
    private func announcement(ofHeartbeats message: Message) -> Publication? {
        guard let heartbeat else { return nil }
        return announcement(
            Entity(
                name: "Heartbeat", unique_id: "quantrac_heartbeat", state_topic: BrokerFormat.heartbeatTopic,
                value_template: "{{ 'ON' if value_json.healthy else 'OFF' }}", device_class: "running",
                json_attributes_topic: BrokerFormat.heartbeatTopic,
                expire_after: max(1, heartbeat.inMilliseconds * 3 / 1000)))
    }

    private func announcement(_ entity: Entity) -> Publication? {
        guard let prefix = discoveryPrefix else { return nil }
        return Publication(
            topic: "\(prefix)/binary_sensor/\(entity.unique_id)/config", payload: CompactJSON.bytes(entity),
            retain: true)
    }
}
