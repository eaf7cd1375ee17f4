/// One device as `GET /api/v1/devices` lists it: what it is, when it was last heard, and the newest value of each metric.
public struct DeviceReport: Codable, Sendable {
    public var household: String
    public var device: String
    /// `tasmota`, `zigbee2mqtt`, `esphome`, `generic` …; nil until a message told it
    public var convention: String?
    public var name: String?
    public var room: String?
    public var model: String?
    public var manufacturer: String?
    /// Whether the device said that it is there (last will, availability topic); nil if it never said
    public var available: Bool?
    /// RFC 3339: when it first said what `available` holds
    public var availableSince: String?
    /// RFC 3339: the time of its newest reading
    public var lastSeen: String?
    public var battery: MetricReport?
    /// Radio signal: dBm, % or the convention's own link quality
    public var signal: MetricReport?
    /// Sorted by metric.
    public var metrics: [MetricReport]
    /// By how many seconds its clock is ahead (behind, if negative) where the time of its newest reading had to be repaired;
    /// nil while its clock is right, or tells nothing
    public var clockOffsetSeconds: Double?
    /// Reason → readings of it that its household's quota refused of late; nil if none
    public var refused: [String: UInt64]?

    public init(
        household: String, device: String, convention: String?, name: String?, room: String?, model: String?,
        manufacturer: String?, available: Bool?, availableSince: String? = nil, lastSeen: String?,
        battery: MetricReport?, signal: MetricReport?,
        metrics: [MetricReport], clockOffsetSeconds: Double? = nil, refused: [String: UInt64]? = nil
    ) {
        self.household = household
        self.device = device
        self.convention = convention
        self.name = name
        self.room = room
        self.model = model
        self.manufacturer = manufacturer
        self.available = available
        self.availableSince = availableSince
        self.lastSeen = lastSeen
        self.battery = battery
        self.signal = signal
        self.metrics = metrics
        self.clockOffsetSeconds = clockOffsetSeconds
        self.refused = refused
    }
}

/// The newest value of one series.
public struct MetricReport: Codable, Sendable {
    public var metric: String
    /// Labels beside metric, household and device; mostly empty
    public var labels: [String: String]
    public var unit: String?
    public var value: Double
    /// The unit in which the device gives it, where that is another one, and the value as the device gave it.
    public var originalUnit: String?
    public var originalValue: Double?
    /// RFC 3339
    public var time: String

    public init(
        metric: String, labels: [String: String], unit: String?, value: Double, originalUnit: String? = nil,
        originalValue: Double? = nil, time: String
    ) {
        self.metric = metric
        self.labels = labels
        self.unit = unit
        self.value = value
        self.originalUnit = originalUnit
        self.originalValue = originalValue
        self.time = time
    }
}

/// One event of `GET /api/v1/live` (server-sent events, event name `reading`): a reading that has just become durable.
public struct LiveReading: Codable, Sendable {
    public var household: String
    public var device: String
    public var metric: String
    public var labels: [String: String]
    public var unit: String?
    public var value: Double
    /// The unit in which the device gives it, where that is another one, and the value as the device gave it; not in the stream.
    public var originalUnit: String?
    public var originalValue: Double?
    /// RFC 3339
    public var time: String

    public init(
        household: String, device: String, metric: String, labels: [String: String], unit: String?, value: Double,
        originalUnit: String? = nil, originalValue: Double? = nil, time: String
    ) {
        self.household = household
        self.device = device
        self.metric = metric
        self.labels = labels
        self.unit = unit
        self.value = value
        self.originalUnit = originalUnit
        self.originalValue = originalValue
        self.time = time
    }
}
