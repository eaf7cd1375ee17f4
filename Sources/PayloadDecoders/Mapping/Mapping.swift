/// A user's own convention: whose the messages on some topics are, and what is in them.
///
/// `topic` alone is enough where a topic names device and metric, and JSON is to be read by its keys:
///
///     Mapping(topic: "farm/{device}/{metric}")
///     Mapping(
///         topic: "farm/{pond}/#", values: [.init("do.mg_l", metric: "oxygen", unit: "mg/L"), .init("t", unit: "°F")],
///         time: .init("at", format: "dd/MM/yyyy HH:mm:ss", zone: "Asia/Ho_Chi_Minh"))
///
/// Texts with `{part}` in them take in that part of the topic.
public struct Mapping: Sendable, Equatable {
    /// What people see as the convention.
    public var name: String
    /// As in a subscription (`+` one level, `#` at the end all that follow), and `{part}` one level that has a name.
    public var topic: String
    /// By default the part `device`; without one all parts but `metric`, joined by `/`; without any the
    /// topic, without the part `metric`.
    public var device: String?
    /// Of a plain payload; before the keys of JSON that is read as a whole. By default the part `metric`. A plain payload
    /// without either is named by its topic's last level.
    public var metric: String?
    /// What is in the payload; if empty, all of it, without units.
    public var values: [Value]
    /// By default as in any JSON: whatever key is known to hold a time.
    public var time: Time?
    /// Further labels of each reading: name and text.
    public var labels: [String: String]

    public init(
        name: String = "mapping", topic: String, device: String? = nil, metric: String? = nil, values: [Value] = [],
        time: Time? = nil, labels: [String: String] = [:]
    ) {
        self.name = name
        self.topic = topic
        self.device = device
        self.metric = metric
        self.values = values
        self.time = time
        self.labels = labels
    }

    /// One value in a payload. It becomes value × `scale` + `offset`, which is in `unit`.
    public struct Value: Sendable, Equatable {
        /// Keys and indexes, as in `sensors[0].temperature` or `["odd.key"]`; empty for a plain payload.
        public var path: String
        /// By default the path's keys.
        public var metric: String?
        /// As the device has it, such as `°F`; kept in the canonical unit.
        public var unit: String?
        public var scale: Double
        public var offset: Double

        public init(
            _ path: String = "", metric: String? = nil, unit: String? = nil, scale: Double = 1, offset: Double = 0
        ) {
            self.path = path
            self.metric = metric
            self.unit = unit
            self.scale = scale
            self.offset = offset
        }
    }

    /// Where the time of the measurement is.
    public struct Time: Sendable, Equatable {
        public var path: String
        /// `auto` (ISO 8601, or a number since 1970 by its magnitude), `s`, `ms`, `us`, `ns`, or a pattern of `yyyy`, `MM`,
        /// `dd`, `HH`, `mm`, `ss`, `SSS` and `Z` (the distance from UTC).
        public var format: String
        /// An IANA name, for times that come without one; by default the household's.
        public var zone: String?

        public init(_ path: String, format: String = "auto", zone: String? = nil) {
            self.path = path
            self.format = format
            self.zone = zone
        }
    }
}
