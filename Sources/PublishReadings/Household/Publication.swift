/// One MQTT message to publish.
struct Publication {
    var topic: String
    var payload: [UInt8]
    var retain: Bool

    init(_ topic: String, _ payload: String, retain: Bool = false) {
        self.init(topic, bytes: Array(payload.utf8), retain: retain)
    }

    init(_ topic: String, bytes: [UInt8], retain: Bool = false) {
        self.topic = topic
        self.payload = bytes
        self.retain = retain
    }
}
