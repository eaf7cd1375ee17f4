/// A battery device behind a Zigbee2MQTT bridge: one flat JSON object on `zigbee2mqtt/<friendly name>`, without a time.
struct ZigbeeDevice: SimulatedDevice {
    enum Kind {
        /// Temperature, humidity and air pressure of a room.
        case roomThermometer
        /// A thermometer that lies in the freezer.
        case freezerProbe
        /// The contact at the freezer's door; `contact` is true while it is closed.
        case freezerDoor
        /// The contact at a door of the house, which is shut.
        case houseDoor
    }

    let tellsTime = false
    var clock = Moment.DeviceClock.exact
    let name: String
    let kind: Kind
    let address: String
    /// Whether this freezer is the one whose door is left open.
    private let isForgotten: Bool
    private let initialBattery: Double
    private var offset: Drift
    private var noise: SplitMix64

    /// - Parameter battery: % at the start; nil lets chance decide.
    init(name: String, kind: Kind, isForgotten: Bool, battery: Double? = nil, generator: SplitMix64) {
        var generator = generator
        self.name = name
        self.kind = kind
        self.isForgotten = isForgotten
        let chance = generator.uniform(55...100)
        initialBattery = battery ?? chance
        address = "0x00158d00" + hexadecimal(generator.next(), digits: 8)
        offset = Drift(deviation: 0.7, memory: 1_800, generator: generator.branch("offset"))
        noise = generator.branch("noise")
    }

    func announcements(at moment: Moment) -> [Publication] {
        [Publication("zigbee2mqtt/\(name)/availability", #"{"state":"online"}"#, retain: true)]
    }

    mutating func report(_ scene: Scene, at moment: Moment) -> [Publication] {
        let wander = offset.advance(to: moment.elapsed)
        let temperature = isForgotten ? scene.freezer.airTemperature : -18 + wander
        let measured: String
        switch kind {
        case .roomThermometer:
            measured =
                #""temperature":\#(text(scene.indoorTemperature + wander, 2)),"#
                + #""humidity":\#(text(scene.indoorHumidity - 2 * wander + 0.2 * noise.gaussian(), 2)),"#
                + #""pressure":\#(text(scene.pressure, 1))"#
        case .freezerProbe: measured = #""temperature":\#(text(temperature + 0.03 * noise.gaussian(), 2))"#
        case .freezerDoor: measured = #""contact":\#(!(isForgotten && scene.isFreezerDoorOpen))"#
        case .houseDoor: measured = #""contact":true"#
        }
        // A coin cell loses about a percent a week.
        let battery = max(1, initialBattery - moment.elapsed / 604_800)
        let millivolts = 2_600 + 5 * battery
        let quality = min(255, max(10, 120 + 20 * wander))
        let payload =
            #"{"battery":\#(text(battery, 0)),\#(measured),"linkquality":\#(text(quality, 0)),"#
            + #""voltage":\#(text(millivolts, 0))}"#
        return [Publication("zigbee2mqtt/\(name)", payload)]
    }

    func farewell() -> [Publication] {
        [Publication("zigbee2mqtt/\(name)/availability", #"{"state":"offline"}"#, retain: true)]
    }

    /// This device's entry in `zigbee2mqtt/bridge/devices`.
    var bridgeEntry: String {
        func numeric(_ property: String, unit: String) -> String {
            #"{"access":1,"name":"\#(property)","property":"\#(property)","type":"numeric","unit":"\#(unit)"}"#
        }
        let contact =
            #"{"access":1,"name":"contact","property":"contact","type":"binary","value_off":true,"value_on":false}"#
        let battery = [
            numeric("battery", unit: "%"), numeric("voltage", unit: "mV"), numeric("linkquality", unit: "lqi"),
        ]
        let exposes: [String]
        let model: (id: String, text: String)
        switch kind {
        case .roomThermometer:
            model = ("WSDCGQ11LM", "Temperature and humidity sensor")
            exposes = [
                numeric("temperature", unit: "°C"), numeric("humidity", unit: "%"), numeric("pressure", unit: "hPa"),
            ]
        case .freezerProbe:
            model = ("TS0201_TZ3000", "Temperature sensor with a probe")
            exposes = [numeric("temperature", unit: "°C")]
        case .freezerDoor, .houseDoor:
            model = ("MCCGQ11LM", "Door and window sensor")
            exposes = [contact]
        }
        return #"{"ieee_address":"\#(address)","type":"EndDevice","network_address":1,"supported":true,"#
            + #""friendly_name":"\#(name)","disabled":false,"power_source":"Battery","model_id":"\#(model.id)","#
            + #""definition":{"model":"\#(model.id)","vendor":"Aqara","description":"\#(model.text)","#
            + #""exposes":[\#((exposes + battery).joined(separator: ","))],"options":[]},"interview_completed":true}"#
    }
}

/// What the Zigbee2MQTT bridge itself says: that it is there, and which devices it knows.
enum ZigbeeBridge {
    static func announcements(of devices: [ZigbeeDevice]) -> [Publication] {
        guard !devices.isEmpty else { return [] }
        let coordinator =
            #"{"ieee_address":"0x00124b0024c2e1f5","type":"Coordinator","network_address":0,"supported":true,"#
            + #""friendly_name":"Coordinator","disabled":false,"definition":null,"interview_completed":true}"#
        let list = ([coordinator] + devices.map(\.bridgeEntry)).joined(separator: ",")
        return [
            Publication("zigbee2mqtt/bridge/state", #"{"state":"online"}"#, retain: true),
            Publication("zigbee2mqtt/bridge/devices", "[\(list)]", retain: true),
        ]
    }

    static func farewell(of devices: [ZigbeeDevice]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#, retain: true)]
    }
}
