/// What is known of Zigbee2MQTT's properties: from the bridge's own list, from discovery, else from their usual names
/// (zigbee2mqtt.io, "Exposes", common properties).
struct Zigbee2MQTTRules: FieldRules {
    var units: ToldUnits

    var tree: FieldTree.Name { FieldTree.Name(rules: .zigbee2MQTT, units: units.number) }

    func leavesOut(_ word: String, in path: [String]) -> Bool {
        path.isEmpty && Zigbee2MQTTRules.isFirmwareNews(word)
    }

    /// `update`, `update_available` and what is below them.
    static func isFirmwareNews(_ property: String) -> Bool {
        property.hasPrefix("update")
    }

    func unit(of metric: String, path: [String]) -> FieldUnit {
        units.unit(of: metric).map { .known($0) } ?? Zigbee2MQTTRules.usualUnit(of: metric)
    }

    /// The unit of a property that nobody has described.
    static func usualUnit(of metric: String) -> FieldUnit {
        // A property that is there once for each endpoint: voltage_l1, power_left.
        for name in [metric, Zigbee2MQTTRules.withoutEndpoint(metric)] {
            if name == "voltage" || name == "battery_voltage" { return .ofBatteryOrMains }
            if let usual = Zigbee2MQTTRules.usual[name] { return .known(usual) }
            if name.hasSuffix("_temperature") || name.hasSuffix("_setpoint") { return .known(.celsius) }
            if name.hasSuffix("_humidity") { return .known(.percent) }
        }
        return .known(nil)
    }

    private static func withoutEndpoint(_ metric: String) -> String {
        for index in metric.indices where metric[index] == "_" {
            if endpoints.contains(String(metric[metric.index(after: index)...])) { return String(metric[..<index]) }
        }
        return metric
    }

    private static let endpoints: Set<String> = Set(
        ["left", "right", "center", "top", "bottom", "top_left", "top_right", "bottom_left", "bottom_right"]
            + ["phase_a", "phase_b", "phase_c", "a", "b", "c", "x", "y", "z", "meter", "main", "wall"]
            + (1...16).flatMap { ["l\($0)", "\($0)", "ep\($0)", "ch\($0)"] })

    private static let usual: [String: CanonicalUnit] = [
        "temperature": .celsius, "local_temperature_calibration": .celsius, "temperature_calibration": .celsius,
        "temperature_min": .celsius, "temperature_max": .celsius,
        "humidity": .percent, "soil_moisture": .percent, "battery": .percent, "position": .percent,
        "pi_heating_demand": .percent, "valve_position": .percent,
        "pressure": .hectopascal,
        "current": .ampere, "power": .watt, "energy": .kilowattHour, "produced_energy": .kilowattHour,
        "consumed_energy": .kilowattHour, "apparent_power": .voltAmpere, "power_apparent": .voltAmpere,
        "reactive_power": .var, "power_reactive": .var, "ac_frequency": .hertz,
        "illuminance": .lux, "illuminance_lux": .lux,
        "co2": .partsPerMillion, "eco2": .partsPerMillion, "voc": .partsPerBillion,
        "pm1": .microgramPerCubicMetre, "pm25": .microgramPerCubicMetre, "pm10": .microgramPerCubicMetre,
        "rssi": .decibelMilliwatt,
    ]
}
