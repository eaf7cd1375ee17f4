/// A way in which devices write their messages: makes of what a device measured the messages that it would send.
///
/// To add one, write a type that conforms, in a file of its own, and name it in `Conventions.all`.
protocol Convention: Sendable {
    /// What `--convention` takes.
    var name: String { get }
    /// What it looks like, for `--list`.
    var summary: String { get }
    /// Whether messages tell when they were measured.
    var tellsTime: Bool { get }

    /// What devices, and the bridge before them if they have one, say when they come up.
    func announcements(of devices: [Device]) -> [Publication]

    /// What a device sends when it has measured. Quantities that the convention has no place for are left out.
    func publications(of report: Report, from device: Device) -> [Publication]

    /// What devices, or the broker for them, say when they leave.
    func farewell(of devices: [Device]) -> [Publication]
}

extension Convention {
    func announcements(of devices: [Device]) -> [Publication] { [] }
    func farewell(of devices: [Device]) -> [Publication] { [] }
}

/// All that are spoken.
enum Conventions {
    static let all: [any Convention] = [
        Tasmota(), Zigbee2MQTT(), ESPHome(), ShellyGen1(), ShellyGen2(), HomieTopics(isVersion3: true), HomieTopics(),
        Homie5(), HomeAssistant(),
        SenMLJSON(),
        SenMLCBOR(), SparkplugB(), TheThingsStack(), LineProtocol(), RTL433(), OpenMQTTGateway(), Ruuvi(),
        GenericJSON(),
        Plain(),
    ]

    static func named(_ name: String) -> (any Convention)? { all.first { $0.name == name } }
}
