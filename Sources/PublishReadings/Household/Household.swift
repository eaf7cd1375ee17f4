/// A household of simulated devices: those of one home, and as many more homes of the same kind as are asked for.
struct Household: Sendable {
    private var scene: Scene
    private var devices: [SimulatedDevice]

    /// - Parameters:
    ///   - count: how many devices; nil means one of each kind.
    ///   - conventions: only devices that speak one of these names.
    ///   - hasClockFaults: every second device that tells its own time tells it wrong.
    init(count: Int?, conventions: Set<String>, seed: UInt64, hasClockFaults: Bool) {
        let generator = SplitMix64(seed: seed)
        scene = Scene(generator: generator.branch("scene"))
        let members = Household.home.filter { conventions.contains($0.convention.name) }
        devices = (0..<(count ?? members.count)).map { index in
            let member = members[index % members.count]
            let home = index / members.count
            return SimulatedDevice(
                name: home == 0 ? member.name : "\(member.name) \(home + 1)",
                id: home == 0 ? member.id : "\(member.id)-\(home + 1)",
                kind: home == 0 ? member.kind : member.kind.kept,
                convention: member.convention, generator: generator.branch("device \(index)"))
        }
        guard hasClockFaults else { return }
        let clocks = devices.indices.filter { devices[$0].convention.tellsTime }
        for (number, index) in clocks.enumerated() { devices[index].clock = .ofFaulty(number) }
    }

    /// How many devices one home has.
    static var homeSize: Int { home.count }

    var deviceCount: Int { devices.count }

    func tellsTime(device index: Int) -> Bool { devices[index].convention.tellsTime }
    func cadence(ofDevice index: Int) -> Cadence { devices[index].kind.cadence }

    func announcements() -> [Publication] { byConvention { $0.announcements(of: $1) } }
    func farewell() -> [Publication] { byConvention { $0.farewell(of: $1) } }

    /// Whether device number `index` would report, if it does so on change. Moments must not go back.
    mutating func isWorthReporting(_ index: Int, elapsed: Double) -> Bool {
        scene.advance(to: elapsed)
        return devices[index].isWorthReporting(scene)
    }

    /// What device number `index` reports `elapsed` seconds after the start, which is `now` in milliseconds since 1970.
    mutating func report(of index: Int, elapsed: Double, now: Int64) -> [Publication] {
        scene.advance(to: elapsed)
        return devices[index].report(scene, at: now)
    }

    private func byConvention(_ body: (any Convention, [Device]) -> [Publication]) -> [Publication] {
        Conventions.all.flatMap { convention in
            body(convention, devices.filter { $0.convention.name == convention.name }.map(\.device))
        }
    }

    // MARK: - The devices of one home

    private struct Member: Sendable {
        var name: String
        var id: String
        var kind: SensorKind
        var convention: any Convention

        init(_ name: String, _ id: String, _ kind: SensorKind, _ convention: any Convention) {
            self.name = name
            self.id = id
            self.kind = kind
            self.convention = convention
        }
    }

    private static let home: [Member] = [
        Member("phòng khách", "living-room", .roomThermometer, Zigbee2MQTT()),
        Member("tủ đông", "freezer", .freezerProbe(isForgotten: true), Zigbee2MQTT()),
        Member("Ấm đun nước", "kettle", .plug(.kettle), Tasmota()),
        Member("Ban công", "balcony", .balcony, ESPHome()),
        Member("fish-tank", "fish-tank", .fishTank, GenericJSON()),
        Member("garage", "garage", .garage, Plain()),
        Member("back door", "back-door", .houseDoor, Zigbee2MQTT()),
        Member("cửa tủ đông", "freezer-door", .freezerDoor(isForgotten: true), Zigbee2MQTT()),
        Member("Freezer plug", "freezer-plug", .plug(.freezer), Tasmota()),
        Member("bedroom", "bedroom", .roomThermometer, Zigbee2MQTT()),
        Member("Phòng em bé", "nursery", .nursery, ESPHome()),
        Member("bồn nước", "water-tank", .waterTank, GenericJSON()),
        Member("Television", "tv", .plug(.television), Tasmota()),
        Member("Desk", "desk-plug", .plug(.television), ShellyGen2()),
        Member("Sub-meter", "sub-meter", .plug(.freezer), ShellyGen1()),
        Member("Attic", "attic", .roomThermometer, Ruuvi()),
        Member("Vườn rau", "vegetable-garden", .soilProbe, TheThingsStack()),
        Member("Weather", "weather", .balcony, RTL433()),
        Member("Bathroom", "bathroom", .roomThermometer, OpenMQTTGateway()),
        Member("Hall", "hall", .roomThermometer, HomieTopics()),
        Member("Stairs", "stairs", .roomThermometer, HomieTopics(isVersion3: true)),
        Member("Window", "window", .freezerDoor(isForgotten: false), Homie5()),
        Member("Bếp", "kitchen", .airMonitor, HomeAssistant()),
        Member("Cellar", "cellar", .roomThermometer, SenMLJSON()),
        Member("Wine", "wine", .roomThermometer, SenMLCBOR()),
        Member("Heat pump", "heat-pump", .plug(.kettle), SparkplugB()),
        Member("Roof", "roof", .airMonitor, LineProtocol()),
    ]
}

extension SensorKind {
    /// The same in a home where nobody leaves doors open.
    fileprivate var kept: SensorKind {
        switch self {
        case .freezerProbe: .freezerProbe(isForgotten: false)
        case .freezerDoor: .freezerDoor(isForgotten: false)
        default: self
        }
    }
}
