import Readings

/// What a property's attributes say of its values.
struct HomieProperty: Sendable {
    private enum Datatype {
        case number, boolean
        /// Text, a choice, a colour, a time: no reading, even if it looks like a number.
        case other
    }

    private var datatype: Datatype?
    private(set) var unit: CanonicalUnit?

    mutating func tell(datatype name: String) {
        switch name {
        case "integer", "float": datatype = .number
        case "percent":
            datatype = .number
            unit = unit ?? .percent
        case "boolean": datatype = .boolean
        case "string", "enum", "color", "datetime", "duration", "json": datatype = .other
        default: datatype = nil
        }
    }

    mutating func tell(unit spelling: String) {
        unit = UnitTable.unit(spelling)
    }

    /// The value that a payload gives; nil if it is none. Until the datatype is known, what looks like a value is one.
    func value(_ text: UnsafeRawBufferPointer) -> Double? {
        switch datatype {
        case .number:
            guard let number = DecimalNumber.parse(ASCII.trimmed(text)), number.isFinite else { return nil }
            return number
        case .boolean, nil: return TextValue(text).number
        case .other: return nil
        }
    }
}

/// What Homie devices told of their properties and of themselves.
struct HomieCatalogue: Sendable {
    private struct Device {
        /// By metric.
        var properties: [String: HomieProperty] = [:]
        /// Whether the device itself says that it is there; nil if it has not said.
        var isAvailable: Bool?
        /// Whether its will says that the connection broke, which is true of its children, too.
        var isLost = false
        /// The device that holds the connection (version 5); nil if it is the device itself.
        var root: String?
        var children: Set<String> = []
    }

    private var devices: [String: Device] = [:]
    private var propertyCount = 0

    var remembered: [Remembered] {
        let properties = devices.values.reduce(0) { $0 + $1.properties.count }
        return [
            Remembered("Homie devices", devices.count, of: DecoderLimits.homieDevices),
            Remembered("Homie properties", properties, of: DecoderLimits.homieProperties),
            Remembered(
                "Homie children", devices.values.reduce(0) { $0 + $1.children.count }, of: DecoderLimits.homieDevices),
        ]
    }

    func property(_ metric: String, of device: String) -> HomieProperty? {
        devices[device]?.properties[metric]
    }

    /// Changes what is known of a property.
    mutating func change(
        _ metric: String, of device: String, into message: inout DecodedMessage,
        _ body: (inout HomieProperty) -> Void
    ) {
        guard metric.utf8.count <= DecoderLimits.nameBytes, hasRoom(for: device, into: &message) else { return }
        if devices[device]?.properties[metric] == nil {
            guard propertyCount < DecoderLimits.homieProperties else {
                message.refuse(.tooMuchMetadata, "more than \(DecoderLimits.homieProperties) Homie properties")
                return
            }
            propertyCount += 1
        }
        body(&devices[device, default: Device()].properties[metric, default: HomieProperty()])
    }

    /// Replaces what is known of a device by what its `$description` says.
    ///
    /// - Parameter naming: makes a device's name of its id.
    mutating func describe(
        _ device: String, by json: JSONValue, context: inout DecodingContext, into message: inout DecodedMessage,
        naming: (String) -> String
    ) {
        message.add(DeviceState(device: device, name: json["name"]?.text.map(CanonicalText.composed)))
        guard hasRoom(for: device, into: &message) else { return }
        propertyCount -= devices[device]?.properties.count ?? 0
        devices[device, default: Device()].properties = [:]
        setRoot(json["root"]?.text.map(naming), of: device, into: &message)
        guard let nodes = json["nodes"] else { return }
        for (nodeKey, node) in nodes.members {
            guard let properties = node["properties"] else { continue }
            let nodeWord = nodeKey.field(context.keys).word
            for (key, property) in properties.members {
                let metric = SnakeCase.metric(nodeWord + "_" + key.field(context.keys).word)
                change(metric, of: device, into: &message) { known in
                    if let datatype = property["datatype"]?.text { known.tell(datatype: datatype) }
                    if let unit = property["unit"]?.text { known.tell(unit: unit) }
                }
                if message.refusal != nil { return }
            }
        }
    }

    /// Notes a device's `$state`, and what that means for the devices behind it.
    mutating func setState(_ state: String, of device: String, into message: inout DecodedMessage) {
        let available: Bool
        switch state {
        // A device that sleeps comes back by itself; one with an alert is connected.
        case "init", "ready", "sleeping", "alert": available = true
        case "disconnected", "lost": available = false
        default: return
        }
        let rootIsLost = devices[device]?.root.flatMap { devices[$0]?.isLost } ?? false
        message.add(DeviceState(device: device, available: available && !rootIsLost))
        guard devices[device] != nil || devices.count < DecoderLimits.homieDevices else { return }
        let wasLost = devices[device]?.isLost ?? false
        devices[device, default: Device()].isAvailable = available
        devices[device]?.isLost = state == "lost"
        guard let known = devices[device], known.isLost != wasLost else { return }
        for child in known.children.sorted() {
            guard let isAvailable = devices[child]?.isAvailable else { continue }
            message.add(DeviceState(device: child, available: isAvailable && !known.isLost))
        }
    }

    private mutating func setRoot(_ root: String?, of device: String, into message: inout DecodedMessage) {
        if let former = devices[device]?.root { devices[former]?.children.remove(device) }
        devices[device]?.root = nil
        guard let root, root != device, SafeName.fault(in: root) == nil,
            devices[root] != nil || devices.count < DecoderLimits.homieDevices
        else { return }
        devices[device]?.root = root
        devices[root, default: Device()].children.insert(device)
        if devices[root]?.isLost == true { message.add(DeviceState(device: device, available: false)) }
    }

    private func hasRoom(for device: String, into message: inout DecodedMessage) -> Bool {
        if devices[device] != nil || devices.count < DecoderLimits.homieDevices { return true }
        message.refuse(.tooMuchMetadata, "more than \(DecoderLimits.homieDevices) Homie devices")
        return false
    }
}
