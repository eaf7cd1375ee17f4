/// A part of a second-generation Shelly, such as `switch:0`.
struct ShellyGen2Component: Equatable {
    /// As it stands in metrics: `switch_0`.
    let word: String
    /// Without its number: `switch`.
    let kind: Substring

    /// From a topic's last level. Nil if it names none: without a number only those are known that are there once.
    init?(key: String) {
        self.init(word: SnakeCase.word(key))
        if let colon = key.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let number = key.utf8[key.utf8.index(after: colon)...]
            guard colon != key.startIndex, !number.isEmpty, ASCII.areDigits(number) else {
                return nil
            }
        } else if !ShellyGen2Component.single.contains(kind) {
            return nil
        }
    }

    init(word: String) {
        self.word = word
        var kind = word[...]
        if let separator = word.utf8.lastIndex(of: UInt8(ascii: "_")),
            ASCII.areDigits(word.utf8[separator...].dropFirst())
        {
            kind = word[..<separator]
        }
        self.kind = kind
    }

    /// Parts that serve the device itself, not what it measures.
    var isSystem: Bool { kind == "script" || ShellyGen2Component.single.contains(kind) }

    private static let single: Set<Substring> = [
        "sys", "wifi", "eth", "cloud", "mqtt", "ws", "ble", "bthome", "knx", "matter", "modbus", "plugs_ui", "ht_ui",
    ]
}

/// Units of the second generation's fields, fixed by their names (Shelly's "Gen2+ API", each component's status).
struct ShellyGen2Rules: FieldRules {
    /// The component that the fields belong to; nil if the outermost keys name components.
    let component: ShellyGen2Component?
    let told: ToldUnits

    var tree: FieldTree.Name {
        FieldTree.Name(
            rules: component == nil ? .shellyGen2 : .shellyGen2Component, units: told.number,
            root: component?.word ?? "")
    }

    func leavesOut(_ word: String, in path: [String]) -> Bool {
        if ShellyGen2Rules.copies.contains(word) { return true }
        guard path.count == (component == nil ? 1 : 0),
            let component = component ?? path.first.map(ShellyGen2Component.init(word:)), component.isSystem
        else { return false }
        return !ShellyGen2Rules.systemReadings.contains(word)
    }

    /// Energies of the last minutes, which the counters hold, and the same in another unit.
    private static let copies: Set<String> = ["by_minute", "xby_minute", "tf", "target_f", "current_f", "source"]
    private static let systemReadings: Set<String> = ["rssi", "uptime", "ram_free"]

    func unit(of metric: String, path: [String]) -> FieldUnit { .known(fixedUnit(path)) }

    private func fixedUnit(_ path: [String]) -> CanonicalUnit? {
        guard let name = path.last else { return nil }
        if let unit = ShellyGen2Rules.units[name] { return unit }
        // Counters of energy; those of pulses have no unit.
        if name == "total" { return path.dropLast().last?.hasSuffix("aenergy") == true ? .wattHour : nil }
        // One for each phase, and their sum.
        for prefix in ["a_", "b_", "c_", "n_", "total_"] where name.hasPrefix(prefix) {
            if let unit = ShellyGen2Rules.units[String(name.dropFirst(prefix.count))] { return unit }
        }
        return component == nil ? nil : told.unit(of: path.joined(separator: "_"))
    }

    private static let units: [String: CanonicalUnit] = [
        "apower": .watt, "act_power": .watt, "aprtpower": .voltAmpere, "aprt_power": .voltAmpere,
        "voltage": .volt, "v": .volt, "current": .ampere, "freq": .hertz,
        "act_energy": .wattHour, "act_ret_energy": .wattHour, "total_act_energy": .wattHour,
        "total_act_ret_energy": .wattHour, "total_act": .wattHour, "total_act_ret": .wattHour,
        "tc": .celsius, "target_c": .celsius, "current_c": .celsius, "rh": .percent, "lux": .lux,
        "battery": .percent, "percent": .percent, "brightness": .percent,
        "pos": .percent, "current_pos": .percent, "target_pos": .percent, "slat_pos": .percent,
        "timer_duration": .second, "move_timeout": .second,
        "rssi": .decibelMilliwatt, "uptime": .second, "ram_free": .byte,
    ]
}
