/// A household of simulated devices: the thirteen of one home, and as many more homes of the same kind as are asked for.
struct Household {
    private var scene: Scene
    private var devices: [any SimulatedDevice]

    /// - Parameters:
    ///   - count: how many devices; nil means one of each kind.
    ///   - conventions: only devices that speak one of these.
    ///   - clockFaults: every second device that tells its own time tells it wrong.
    init(count: Int?, conventions: Set<Convention>, seed: UInt64, clockFaults: Bool) {
        let generator = SplitMix64(seed: seed)
        scene = Scene(generator: generator.branch("scene"))
        let kinds = Household.kinds.filter { conventions.contains($0.convention) }
        devices = (0..<(count ?? kinds.count)).map { index in
            kinds[index % kinds.count].make(index / kinds.count, generator.branch("device \(index)"))
        }
        guard clockFaults else { return }
        let faults: [Moment.DeviceClock] = [.ahead(-7 * 3_600_000), .ahead(8_000_000), .sinceBoot]
        for (number, index) in devices.indices.filter({ devices[$0].tellsTime }).enumerated() where number % 2 == 0 {
            devices[index].clock = faults[number / 2 % faults.count]
        }
    }

    var deviceCount: Int { devices.count }

    func tellsTime(device index: Int) -> Bool { devices[index].tellsTime }

    func announcements(at moment: Moment) -> [Publication] {
        ZigbeeBridge.announcements(of: zigbeeDevices) + devices.flatMap { $0.announcements(at: moment) }
    }

    /// What device number `index` reports. Moments must not go back.
    mutating func report(of index: Int, at moment: Moment) -> [Publication] {
        scene.advance(to: moment.elapsed)
        return devices[index].report(scene, at: moment)
    }

    func farewell() -> [Publication] {
        devices.flatMap { $0.farewell() } + ZigbeeBridge.farewell(of: zigbeeDevices)
    }

    private var zigbeeDevices: [ZigbeeDevice] { devices.compactMap { $0 as? ZigbeeDevice } }

    // MARK: - The devices of one home

    private struct Kind: Sendable {
        var convention: Convention
        /// Makes the device of this kind in home number `home`, from 0.
        var make: @Sendable (_ home: Int, _ generator: SplitMix64) -> any SimulatedDevice
    }

    private static let kinds: [Kind] = [
        zigbee("phòng khách", .roomThermometer),
        zigbee("tủ đông", .freezerProbe),
        tasmota("kettle", "Ấm đun nước", .kettle),
        esphome("balcony", "Ban công", .balcony),
        Kind(convention: .generic) {
            JSONStation(topic: "sensors/fish-tank" + dashed($0), kind: .fishTank, generator: $1)
        },
        Kind(convention: .plain) { PlainSensor(topic: "garage" + dashed($0), generator: $1) },
        zigbee("back door", .houseDoor, battery: 11.5),
        zigbee("cửa tủ đông", .freezerDoor),
        tasmota("freezer-plug", "Freezer plug", .freezer),
        zigbee("bedroom", .roomThermometer),
        esphome("nursery", "Phòng em bé", .bedroom),
        Kind(convention: .generic) {
            JSONStation(topic: "sensors/bồn nước" + dashed($0), kind: .waterTank, generator: $1)
        },
        tasmota("tv", "Television", .television),
    ]

    private static func zigbee(_ name: String, _ kind: ZigbeeDevice.Kind, battery: Double? = nil) -> Kind {
        Kind(convention: .zigbee2mqtt) { home, generator in
            ZigbeeDevice(
                name: name + (home == 0 ? "" : " \(home + 1)"), kind: kind, isForgotten: home == 0, battery: battery,
                generator: generator)
        }
    }

    private static func tasmota(_ topic: String, _ name: String, _ appliance: Appliance) -> Kind {
        Kind(convention: .tasmota) { home, generator in
            TasmotaPlug(
                topic: topic + dashed(home), name: name + (home == 0 ? "" : " \(home + 1)"), appliance: appliance,
                generator: generator)
        }
    }

    private static func esphome(_ node: String, _ name: String, _ kind: ESPHomeNode.Kind) -> Kind {
        Kind(convention: .esphome) { home, generator in
            ESPHomeNode(
                node: node + dashed(home), name: name + (home == 0 ? "" : " \(home + 1)"), kind: kind,
                generator: generator)
        }
    }

    private static func dashed(_ home: Int) -> String { home == 0 ? "" : "-\(home + 1)" }
}
