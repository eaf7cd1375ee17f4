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
        let time = deviceTime.flatMap { $0.isBelievable ? $0.instant : nil }
        // A retained message without a time of its own may be years old.
        if arrival.isRetained, time == nil { return }
        let converted = unit?.converted(value) ?? value
        guard refusal == nil, converted.isFinite, (1...DecoderLimits.nameBytes).contains(metric.utf8.count)
        else { return }
        guard readings.count < DecoderLimits.readingsPerMessage else {
            refuse(.tooManyReadings, "more than \(DecoderLimits.readingsPerMessage) readings in one message")
            return
        }
        readings.append(
            Reading(
                device: device, metric: metric, value: converted == 0 ? 0 : converted, unit: unit?.name,
                originalUnit: unit?.original,
                time: time ?? arrival.receivedAt, timeIsDevices: time != nil,
                deviceTime: deviceTime.flatMap { $0.isRelative ? nil : $0.instant }, labels: labels))
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
