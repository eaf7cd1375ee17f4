/// Units of the first generation's values, fixed by their names (Shelly's "Gen 1 Device API", MQTT sections).
struct ShellyGen1Rules: FieldRules {
    let readsTimes: Bool
    private let temperature: CanonicalUnit
    private let root: String
    private let units: ToldUnits

    /// - Parameters:
    ///   - message: the object in which a thermostat or motion sensor tells its unit of temperature.
    ///   - root: what all metrics begin with.
    init(_ message: JSONValue, under root: String, units: ToldUnits) {
        let thermostat = message[.thermostats]?.elements.first { _ in true } ?? message
        temperature = thermostat[.tmp]?["units"]?.text.flatMap(UnitTable.unit) ?? .celsius
        // A motion sensor's timestamp is that of the last motion, however long ago; it also reports light and battery.
        readsTimes = message[.motion]?.kind != .false
        self.root = root
        self.units = units
    }

    var tree: FieldTree.Name { FieldTree.Name(rules: .shellyGen1, units: units.number, root: root) }

    func leavesOut(_ word: String, in path: [String]) -> Bool {
        ShellyGen1Rules.copies.contains(word) || path.isEmpty && ShellyGen1Rules.housekeeping.contains(word)
    }

    /// The same in another unit, and numbers of hardware.
    private static let copies: Set<String> = ["tf", "temperature_f", "hw_id", "is_valid"]
    /// Of a device's whole status, what says nothing of the house.
    private static let housekeeping: Set<String> = [
        "cloud", "mqtt", "update", "has_update", "actions_stats", "cfg_changed_cnt", "ram_total", "fs_size", "fs_free",
        "fs_mounted",
    ]

    func unit(of metric: String, path: [String]) -> FieldUnit {
        guard let name = path.last else { return .known(nil) }
        let unit = ShellyGen1Rules.unit(of: name, in: path.dropLast().last ?? "")
        if unit == .celsius, path.contains("tmp") || path.contains("target_t") {
            return .told(.temperature, otherwise: nil)
        }
        return .known(unit ?? units.unit(of: path.joined(separator: "_")))
    }

    func unit(_ question: FieldUnit.Question) -> CanonicalUnit? { temperature }

    /// - Parameter group: the component that the value belongs to, where names mean different things.
    static func unit(of name: String, in group: String) -> CanonicalUnit? {
        switch name {
        case "value": return ofReadings[group]
        case "total", "total_returned": return group.hasPrefix("emeter") ? .wattHour : .wattMinute
        default: return usual[name]
        }
    }

    private static let usual: [String: CanonicalUnit] = [
        "power": .watt, "total_power": .watt, "overpower_value": .watt, "reactive_power": .var, "reactive": .var,
        "voltage": .volt, "adc": .volt, "current": .ampere, "ixsum": .ampere,
        "energy": .wattMinute, "returned_energy": .wattMinute,
        "temperature": .celsius, "ext_temperature": .celsius, "tc": .celsius,
        "humidity": .percent, "ext_humidity": .percent, "hum": .percent,
        "battery": .percent, "bat": .percent, "pos": .percent,
        "lux": .lux, "tilt": .degree, "concentration": .partsPerMillion, "ppm": .partsPerMillion,
        "rssi": .decibelMilliwatt, "uptime": .second, "totalworktime": .second,
    ]

    /// Of `{"bat": {"value": 97, …}}` and the like.
    private static let ofReadings: [String: CanonicalUnit] = [
        "bat": .percent, "hum": .percent, "lux": .lux, "tmp": .celsius, "target_t": .celsius,
    ]
}
