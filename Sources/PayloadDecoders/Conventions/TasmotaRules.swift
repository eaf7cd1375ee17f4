/// Which unit a field of Tasmota's has: what the message itself says (TempUnit, PressureUnit, SpeedUnit), else what
/// the firmware fixes by the field's name (tasmota.github.io, "JSON Status Responses"; the same table is in Home
/// Assistant's hatasmota).
struct TasmotaRules: FieldRules {
    /// The radio through which the device's message came.
    enum Relay {
        case none, zigbee, lora
    }

    private let relay: Relay
    private let temperature: CanonicalUnit?
    private let pressure: CanonicalUnit?
    private let speed: CanonicalUnit?
    private let discovered: [String: CanonicalUnit]

    /// - Parameter message: the object in which the units are told.
    init(_ message: JSONValue, relay: Relay = .none, discovered: [String: CanonicalUnit] = [:]) {
        self.relay = relay
        self.discovered = discovered
        temperature = message["TempUnit"]?.text.flatMap(UnitTable.unit) ?? .celsius
        pressure = message["PressureUnit"]?.text.flatMap(UnitTable.unit) ?? .hectopascal
        speed = message["SpeedUnit"]?.text.flatMap(UnitTable.unit)
    }

    /// Devices behind a bridge are read apart.
    func leavesOut(_ word: String, in path: [String]) -> Bool {
        path.isEmpty && relay == .none && (word == "zb_received" || word == "lw_received")
    }

    func unit(of metric: String, path: [String], value: Double) -> CanonicalUnit? {
        nativeUnit(path) ?? discovered[metric]
    }

    private func nativeUnit(_ path: [String]) -> CanonicalUnit? {
        guard let first = path.first, let key = path.last else { return nil }
        if path.count > 1, first == "energy" { return TasmotaRules.energyUnit(key) }
        if path.count > 1, first == "wifi" { return TasmotaRules.wifiUnits[key] }
        if let unit = TasmotaRules.concentrations[key] { return unit }
        // Several of a kind are numbered: Temperature1, POWER2.
        var last = key[...]
        while let digit = last.utf8.last, (0x30...0x39).contains(digit) { last.removeLast() }
        if path.contains("speed") || last.hasSuffix("_speed") { return speed }
        if path.contains("dir") { return .degree }
        if last == "temperature" || last.hasSuffix("_temperature") || last.hasSuffix("dew_point") { return temperature }
        if last == "pressure" || last.hasSuffix("_pressure") { return pressure }
        if last == "battery" { return relay == .lora ? nil : .percent }
        // Alone it is a relay's or a lamp's state, not a measured power.
        if path.count == 1, last == "power" { return nil }
        return TasmotaRules.units[String(last)]
    }

    private static func energyUnit(_ key: String) -> CanonicalUnit? {
        if ["total", "today", "yesterday", "export", "import"].contains(where: key.hasPrefix) {
            return key.hasSuffix("reactive") ? .kilovarHour : .kilowattHour
        }
        return key == "period" ? .wattHour : electrical[key]
    }

    private static let wifiUnits: [String: CanonicalUnit] = ["rssi": .percent, "signal": .decibelMilliwatt]

    private static let electrical: [String: CanonicalUnit] = [
        "power": .watt, "apparent_power": .voltAmpere, "reactive_power": .var, "voltage": .volt, "current": .ampere,
        "current_neutral": .ampere, "frequency": .hertz, "phase_angle": .degree,
    ]

    private static let concentrations: [String: CanonicalUnit] = [
        "carbon_dioxide": .partsPerMillion, "eco2": .partsPerMillion, "tvoc": .partsPerBillion,
        "pm1": .microgramPerCubicMetre, "pm2_5": .microgramPerCubicMetre, "pm10": .microgramPerCubicMetre,
    ]

    private static let units: [String: CanonicalUnit] = electrical.merging([
        "vcc": .volt, "uptime_sec": .second, "humidity": .percent, "moisture": .percent, "illuminance": .lux,
        "battery_percentage": .percent, "battery_voltage": .volt,
    ]) { first, _ in first }
}
