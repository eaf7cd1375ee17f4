/// A value at an instant: what a series is made of.
public struct Sample: Hashable, Sendable {
    public var time: Timestamp
    public var value: Double

    @inlinable
    public init(time: Timestamp, value: Double) {
        self.time = time
        self.value = value
    }
}

/// What one field of one message says: a sample with its device and metric, before it is part of a series.
public struct Reading: Hashable, Sendable {
    /// The device as its convention names it, unique within a household, such as `kitchen/plug`.
    public var device: String
    /// What is measured. Readings of the same field of like devices share it.
    public var field: ReadingField
    /// Finite.
    public var value: Double
    public var time: Timestamp
    /// Whether `time` is the device's own; otherwise it is when the message arrived.
    public var timeIsDevices: Bool
    /// What the device's clock showed, even where it cannot have been right; nil if the message doesn't tell it, or only how
    /// long ago it was.
    public var deviceTime: Timestamp?

    @inlinable
    public init(
        device: String, field: ReadingField, value: Double, time: Timestamp, timeIsDevices: Bool,
        deviceTime: Timestamp? = nil
    ) {
        self.device = device
        self.field = field
        self.value = value
        self.time = time
        self.timeIsDevices = timeIsDevices
        self.deviceTime = deviceTime
    }

    public init(
        device: String, metric: String, value: Double, unit: String?, originalUnit: String? = nil, time: Timestamp,
        timeIsDevices: Bool, deviceTime: Timestamp? = nil, labels: [Label] = []
    ) {
        self.init(
            device: device, field: ReadingField(metric: metric, unit: unit, originalUnit: originalUnit, labels: labels),
            value: value, time: time, timeIsDevices: timeIsDevices, deviceTime: deviceTime)
    }

    @inlinable public var metric: String { field.metric }
    @inlinable public var unit: String? { field.unit }
    @inlinable public var originalUnit: String? { field.originalUnit }

    /// Further labels of the series beside device and metric; mostly empty.
    public var labels: [Label] {
        get { field.labels }
        set { field = ReadingField(
                metric: field.metric, unit: field.unit, originalUnit: field.originalUnit, labels: newValue) }
    }
}

/// What a message says of a device itself, beside its readings. Fields that the message does not tell are nil.
public struct DeviceState: Hashable, Sendable {
    public var device: String
    public var available: Bool?
    public var name: String?
    public var model: String?
    public var manufacturer: String?
    public var room: String?

    public init(
        device: String, available: Bool? = nil, name: String? = nil, model: String? = nil,
        manufacturer: String? = nil, room: String? = nil
    ) {
        self.device = device
        self.available = available
        self.name = name
        self.model = model
        self.manufacturer = manufacturer
        self.room = room
    }
}
