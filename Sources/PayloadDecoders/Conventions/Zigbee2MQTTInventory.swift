import Readings

/// What `bridge/devices` tells: names and models, and the unit of each property.
struct Zigbee2MQTTInventory: Sendable {
    /// By device, then by metric.
    private(set) var units: [String: [String: CanonicalUnit]] = [:]
    private var propertyCount = 0

    var remembered: [Remembered] {
        [
            Remembered("Zigbee devices of one bridge", units.count, of: DecoderLimits.zigbeeDevices),
            Remembered(
                "Zigbee properties of one bridge", units.values.reduce(0) { $0 + $1.count },
                of: DecoderLimits.zigbeeProperties),
        ]
    }

    /// - Parameter naming: makes a device's name of its friendly name.
    init(
        _ devices: JSONValue, naming: (String) -> String, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        for entry in devices.elements {
            guard let friendlyName = entry["friendly_name"]?.text, entry["type"]?.text != "Coordinator"
            else { continue }
            guard units.count < DecoderLimits.zigbeeDevices else {
                message.refuse(
                    .tooMuchMetadata, "more than \(DecoderLimits.zigbeeDevices) devices on one Zigbee2MQTT bridge")
                return
            }
            let composed = CanonicalText.composed(friendlyName)
            let device = naming(composed)
            guard SafeName.fault(in: device) == nil else { continue }
            let definition = entry["definition"]
            message.add(
                DeviceState(
                    device: device, name: composed,
                    model: definition?["model"]?.text ?? entry["model_id"]?.text,
                    manufacturer: definition?["vendor"]?.text ?? entry["manufacturer"]?.text))
            units[device] = [:]
            if let exposes = definition?["exposes"] {
                collect(exposes, under: "", of: device, keys: &context.keys)
            }
        }
    }

    /// Features of lights, locks and such stand at the same level in the payload; those of composites below their
    /// property.
    private mutating func collect(
        _ exposes: JSONValue, under name: String, of device: String, keys: inout FieldKeyTable
    ) {
        for exposed in exposes.elements {
            guard propertyCount < DecoderLimits.zigbeeProperties else { return }
            var path = name
            if let property = exposed["property"], property.kind == .string {
                let word = property.withText { keys.key($0) }.word
                path = name.isEmpty ? word : name + "_" + word
            }
            // Nor can anything below it be a metric.
            if path.utf8.count > DecoderLimits.nameBytes { continue }
            if let spelling = exposed["unit"]?.text, let unit = UnitTable.unit(spelling) {
                units[device]?[SnakeCase.metric(path)] = unit
                propertyCount += 1
            }
            if let features = exposed["features"] {
                collect(features, under: path, of: device, keys: &keys)
            }
        }
    }
}
