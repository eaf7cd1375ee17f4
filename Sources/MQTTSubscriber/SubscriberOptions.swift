/// Where the broker is, how to log in, and what to ask of it.
public struct SubscriberOptions: Sendable {
    /// Certificates for TLS, as PEM files.
    public struct TLS: Sendable {
        /// The authorities whose signature on the broker's certificate is believed.
        public var caFile: String
        /// Our own certificate and its key, if the broker asks for one.
        public var certificateFile: String?
        public var keyFile: String?

        public init(caFile: String, certificateFile: String? = nil, keyFile: String? = nil) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    public var host: String
    public var port: UInt16
    /// The broker keeps the session, with all that is not acknowledged yet, under this name. One daemon, one name.
    public var clientID: String
    public var username: String?
    public var password: String?
    public var tls: TLS?
    /// 0 or 1. The library holds a QoS 2 message only in memory between PUBREC and PUBREL, so that a crash in
    /// between would lose it for good: it is never asked for.
    public var qos: QualityOfService
    /// Topic filters, such as `#` or `city/north/#`.
    public var topics: [String]
    /// How many unacknowledged messages the broker may send (MQTT v5 §3.1.2.11.3): the most that one sync can cover.
    public var receiveMaximum: Int = 2000
    /// Larger packets are not sent to us by a v5 broker (§3.1.2.11.4). Zigbee2MQTT's list of devices is the largest known.
    public var maximumPacketBytes: Int = 4 << 20
    /// How long the broker keeps the session for a daemon that is away (§3.1.2.11.2), in seconds.
    public var sessionExpirySeconds: Int = 30 * 86_400
    public var keepAliveSeconds: Int = 30
    /// How long messages may gather before they are made durable together and acknowledged.
    public var syncWindow: Duration = .milliseconds(5)
    /// Asked at each batch instead of `syncWindow`, if there is one: for a window that follows the disk.
    public var currentSyncWindow: (@Sendable () -> Duration)?

    /// Where `online` stands, retained, while we are connected, and `offline` otherwise; nil: nowhere.
    public var presenceTopic: String?

    public enum QualityOfService: Int32, Sendable {
        case atMostOnce = 0
        case atLeastOnce = 1
    }

    public init(
        host: String, port: UInt16, clientID: String, topics: [String], qos: QualityOfService = .atLeastOnce
    ) {
        self.host = host
        self.port = port
        self.clientID = clientID
        self.topics = topics
        self.qos = qos
    }
}
