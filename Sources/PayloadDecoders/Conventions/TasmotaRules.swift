/// Which unit a field of Tasmota's has: what the message itself says (TempUnit, PressureUnit, SpeedUnit), else what
/// the firmware fixes by the field's name (tasmota.github.io, "JSON Status Responses"; the same table is in Home
/// Assistant's hatasmota).
struct TasmotaRules: FieldRules {
    /// The radio through which the device's message came.
    enum Relay {
        case none, zigbee, lora
    }

    private let relay: Relay
    private let temperature: CanonicalUnit
    private let pressure: CanonicalUnit
    private let speed: CanonicalUnit?
    private let units: ToldUnits

    /// - Parameter message: the object in which the units are told.
    init(_ message: JSONValue, relay: Relay = .none, units: ToldUnits = .none) {
        self.relay = relay
        self.units = units
        temperature = message[.tempUnit].flatMap(TasmotaRules.unit) ?? .celsius
        pressure = message[.pressureUnit].flatMap(TasmotaRules.unit) ?? .hectopascal
        speed = message[.speedUnit].flatMap(TasmotaRules.unit)
    }

    private static func unit(_ spelling: JSONValue) -> CanonicalUnit? {
        // What most say, without making a text of it.
        spelling.isText("C") ? .celsius : spelling.text.flatMap(UnitTable.unit)
    }

    var tree: FieldTree.Name {
        let rules: FieldTree.Name.Rules =
            switch relay {
            case .none: .tasmota
            case .zigbee: .tasmotaZigbee
            case .lora: .tasmotaLoRa
            }
        return FieldTree.Name(rules: rules, units: units.number)
    }

    /// Devices behind a bridge are read apart.
    func leavesOut(_ word: String, in path: [String]) -> Bool {
        path.isEmpty && relay == .none && (word == "zb_received" || word == "lw_received")
    }

    func unit(of metric: String, path: [String]) -> FieldUnit {
        if let question = question(path) { return .told(question, otherwise: units.unit(of: metric)) }
        return .known(fixedUnit(path) ?? units.unit(of: metric))
    }

    func unit(_ question: FieldUnit.Question) -> CanonicalUnit? {
        switch question {
        case .temperature: temperature
        case .pressure: pressure
        case .speed: speed
        }
    }

    /// Whether the firmware fixes the unit of the fields of a group, whatever they are called.
    private func isFixed(_ path: [String]) -> Bool {
        path.count > 1 && (path[0] == "energy" || path[0] == "wifi")
    }

    /// What the message must be asked for the field's unit.
    private func question(_ path: [String]) -> FieldUnit.Question? {
        guard let key = path.last, !isFixed(path), TasmotaRules.concentrations[key] == nil else { return nil }
        // Several of a kind are numbered: Temperature1, POWER2.
        let last = TasmotaRules.withoutNumber(key)
        if path.contains("speed") || last.hasSuffix("_speed") { return .speed }
        if path.contains("dir") { return nil }
        if last == "temperature" || last.hasSuffix("_temperature") || last.hasSuffix("dew_point") {
            return .temperature
        }
        return last == "pressure" || last.hasSuffix("_pressure") ? .pressure : nil
    }

    private func fixedUnit(_ path: [String]) -> CanonicalUnit? {
        guard let first = path.first, let key = path.last else { return nil }
        if isFixed(path) { return first == "energy" ? TasmotaRules.energyUnit(key) : TasmotaRules.wifiUnits[key] }
        if let unit = TasmotaRules.concentrations[key] { return unit }
        if path.contains("dir") { return .degree }
        let last = TasmotaRules.withoutNumber(key)
        if last == "battery" { return relay == .lora ? nil : .percent }
        // Alone it is a relay's or a lamp's state, not a measured power.
        if path.count == 1, last == "power" { return nil }
        return TasmotaRules.usual[String(last)]
    }

    private static func withoutNumber(_ key: String) -> Substring {
        var stem = key[...]
        while let digit = stem.utf8.last, (0x30...0x39).contains(digit) { stem.removeLast() }
        return stem
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

    private static let usual: [String: CanonicalUnit] = electrical.merging([
        "vcc": .volt, "uptime_sec": .second, "humidity": .percent, "moisture": .percent, "illuminance": .lux,
        "battery_percentage": .percent, "battery_voltage": .volt,
    ]) { first, _ in first }
}
