import Alerting
import Readings

/// Something that publishes over MQTT.
public protocol Publishing: Sendable {
    /// Publishes at QoS 1, and returns what the broker says to it.
    func publish(_ publication: Publication) async -> PartOutcome

    /// How many connections there have been: after each the broker may have lost its memory, or be another.
    var connections: UInt64 { get }
}

/// What is published for a message.
public struct Publication: Sendable, Equatable {
    public var topic: String
    public var payload: [UInt8]
    /// Whether it stands on the broker until something else does.
    public var retain: Bool
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

    public var connections: UInt64? { publisher.connections }

    public func send(_ message: Message) async -> Outcome {
        let standing = message.dispatch.standing
        if !standing.isEmpty { return await restore(standing, message) }
        let clearings = message.dispatch.clearings
        if !clearings.isEmpty { return await clear(clearings) }
        let entries = message.entries
        if !entries.isEmpty { return await tell(entries.map(\.news)) }
        if let announcement = format.announcement(for: message) { _ = await publisher.publish(announcement) }
        return switch await publish(format.publications(for: message)) {
        case .delivered, .unannounced: .delivered
        case .failed(let reason): .failed(reason)
        case .refused(let reason), .rejected(let reason): .rejected(reason)
        }
    }

    private func clear(_ clearings: [RetainedAlert.Clearing]) async -> Outcome {
        var parts: [PartOutcome] = []
        for clearing in clearings { parts.append(await publish(format.publications(for: clearing))) }
        return .of(parts)
    }

    private func restore(_ standing: [Standing], _ message: Message) async -> Outcome {
        var parts: [PartOutcome] = []
        for one in standing {
            switch one {
            case .alert(let news, let isAnnounced):
                parts.append(await tell(news, isAnnounced: isAnnounced))
            case .digest(let notice):
                parts.append(await publish(format.publications(for: notice, sender: message.sender)))
            }
        }
        return .of(parts)
    }

    private func tell(_ news: [News]) async -> Outcome {
        var parts: [PartOutcome] = []
        /// Alerts with a change that is to be tried again, before which nothing later may stand there.
        var untaken: [String: PartOutcome] = [:]
        for news in news {
            if let earlier = untaken[news.alert] {
                parts.append(earlier)
                continue
            }
            let part = await tell(news)
            switch part {
            case .failed, .refused: untaken[news.alert] = part
            case .delivered, .unannounced, .rejected: break
            }
            parts.append(part)
        }
        return .of(parts)
    }

    /// The announcement first, so that what is announced is there; but how the alert stands counts for more: who reads that alone
    /// misses nothing.
    private func tell(_ news: News, isAnnounced: Bool = true) async -> PartOutcome {
        let announcement = await publish(isAnnounced ? format.announcements(of: news) : [])
        let state = await publisher.publish(format.state(of: news))
        guard state == .delivered else { return state }
        return switch announcement {
        case .delivered, .unannounced: .delivered
        case .failed(let reason): .failed(reason)
        case .refused(let reason), .rejected(let reason): .unannounced(reason)
        }
    }

    /// All of it, whatever becomes of the first. What may still come counts for more than what never will.
    private func publish(_ publications: [Publication]) async -> PartOutcome {
        var outcome = PartOutcome.delivered
        for publication in publications {
            let next = await publisher.publish(publication)
            switch (outcome, next) {
            case (.delivered, _), (.rejected, .failed), (.rejected, .refused), (.refused, .failed): outcome = next
            default: break
            }
        }
        return outcome
    }
}

extension Outcome {
    fileprivate static func of(_ parts: [PartOutcome]) -> Outcome {
        parts.allSatisfy { $0 == .delivered } ? .delivered : .divided(parts)
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

    /// Of a heartbeat or a digest.
    func publications(for message: Message) -> [Publication] {
        if message.isHeartbeat {
            // Not retained: one that is old says nothing.
            return [
                Publication(topic: heartbeatTopic, payload: CompactJSON.bytes(Heartbeat(message)), retain: false)
            ]
        }
        return message.dispatch.digest.map { publications(for: $0, sender: message.sender) } ?? []
    }

    /// A digest, for each of its households.
    func publications(for notice: DigestNotice, sender: Sender) -> [Publication] {
        notice.digest.households.map { household in
            Publication(
                topic: "quantrac/digest/\(AlertNotice.topicLevel(household))",
                payload: CompactJSON.bytes(DigestBody(notice, of: household, sender: sender.name)),
                retain: true)
        }
    }

    func publications(for clearing: RetainedAlert.Clearing) -> [Publication] {
        clearing.topics.map { Publication(topic: $0, payload: [], retain: true) }
    }

    /// How an alert stands.
    func state(of news: News) -> Publication {
        Publication(topic: news.notice.topic, payload: Array(news.notice.json.utf8), retain: true)
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
    func announcements(of news: News) -> [Publication] {
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

    /// Of a heartbeat: an entity that becomes unavailable when nothing is heard of us.
    func announcement(for message: Message) -> Publication? {
        guard message.isHeartbeat, let heartbeat else { return nil }
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
