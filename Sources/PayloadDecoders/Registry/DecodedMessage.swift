import Readings

/// What one message says. Reused from message to message, so that the arrays keep their room.
public struct DecodedMessage: Sendable {
    /// Whose message it was; nil if it is nobody's, or if it says nothing.
    public var convention: Convention?
    public var readings: [Reading] = []
    public var states: [DeviceState] = []
    /// Why there are no readings; nil if the message was understood, even if it holds none on purpose.
    public var refusal: Refusal?
    /// Whose metrics are not known as they should be; nil if there is nobody's to ask for.
    public var rebirthWanted: RebirthRequest?

    public init() {}

    /// Makes it as new.
    public mutating func removeAll(keepingCapacity: Bool = false) {
        convention = nil
        readings.removeAll(keepingCapacity: keepingCapacity)
        states.removeAll(keepingCapacity: keepingCapacity)
        refusal = nil
        rebirthWanted = nil
    }

    /// Adds a reading, unless it can't be one: not finite, without a name that can be shown, or of unknown age.
    ///
    /// - Parameter deviceTime: the device's own time, if it gave one; where that cannot be believed, the arrival counts.
    mutating func add(
        _ value: Double, unit: CanonicalUnit?, of metric: String, device: String, deviceTime: DeviceTime?,
        arrival: Arrival, labels: [Label] = []
    ) {
        guard let time = ReadingTime(deviceTime, arrival: arrival), (1...DecoderLimits.nameBytes).contains(metric.utf8.count)
        else { return }
        add(
            unit?.converted(value) ?? value,
            of: ReadingField(metric: metric, unit: unit?.name, originalUnit: unit?.original, labels: labels),
            device: device, at: time)
    }

    /// Adds a reading whose value is in the field's unit, unless it is not finite.
    @inline(__always)
    mutating func add(_ value: Double, of field: ReadingField, device: String, at time: ReadingTime) {
        guard value.isFinite, refusal == nil else { return }
        guard readings.count < DecoderLimits.readingsPerMessage else {
            refuse(.tooManyReadings, "more than \(DecoderLimits.readingsPerMessage) readings in one message")
            return
        }
        readings.append(
            Reading(
                device: device, field: field, value: value == 0 ? 0 : value, time: time.time, timeIsDevices: time.isDevices,
                deviceTime: time.deviceTime))
    }

    /// Adds what a message tells of a device, if the device has a name that can be shown. Other texts are left out
    /// where they can't.
    mutating func add(_ state: DeviceState) {
        guard states.count < DecoderLimits.statesPerMessage, SafeName.fault(in: state.device) == nil else { return }
        var shown = state
        shown.name = SafeName.shown(state.name)
        shown.model = SafeName.shown(state.model)
        shown.manufacturer = SafeName.shown(state.manufacturer)
        shown.room = SafeName.shown(state.room)
        states.append(shown)
    }

    /// Refuses the message as a whole: no reading of it stands.
    mutating func refuse(_ reason: Refusal.Reason, _ detail: String) {
        readings.removeAll(keepingCapacity: true)
        refusal = Refusal(reason, detail)
    }
}
