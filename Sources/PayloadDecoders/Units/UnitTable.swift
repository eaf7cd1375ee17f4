/// The unit that a device names in its own spelling.
enum UnitTable {
    /// Nil if `spelling` names no unit, or is none that we would show. A unit that is not in the table is kept as it
    /// is, value unchanged.
    static func unit(_ spelling: String) -> CanonicalUnit? {
        if let known = known[spelling] { return known }
        let trimmed = spelling.filter { !$0.isWhitespace }
        guard !trimmed.isEmpty, trimmed.utf8.count <= DecoderLimits.unitBytes,
            SafeName.firstUnsafeScalar(in: trimmed) == nil
        else { return nil }
        if let known = known[trimmed] { return known }
        return namesNoUnit.contains(trimmed) ? nil : CanonicalUnit(trimmed)
    }

    /// Zigbee2MQTT's "link quality indicator" and Home Assistant's word for a number without a unit.
    private static let namesNoUnit: Set<String> = ["lqi", "None", "none", "null"]

    private static let known: [String: CanonicalUnit] = {
        var table: [String: CanonicalUnit] = [:]
        func add(_ spellings: String..., as unit: CanonicalUnit) {
            for spelling in spellings { table[spelling] = unit.spelt(spelling) }
        }
        add("Cel", "°C", "ºC", "℃", "C", "degC", as: .celsius)
        add("°F", "ºF", "℉", "F", "degF", as: .fahrenheit)
        add("K", as: CanonicalUnit("Cel", adding: -273.15))
        add("hPa", "mbar", as: .hectopascal)
        add("Pa", as: .pascal)
        add("kPa", as: .kilopascal)
        add("bar", as: .bar)
        add("mmHg", as: CanonicalUnit("hPa", times: 1.33322387415))
        add("inHg", as: .inchOfMercury)
        add("psi", "PSI", as: .poundPerSquareInch)
        add("mV", as: .millivolt)
        add("mA", as: CanonicalUnit("A", over: 1000))
        add("mW", as: CanonicalUnit("W", over: 1000))
        add("kW", as: .kilowatt)
        add("VAr", "VAR", as: .var)
        add("kVArh", "kVARh", as: .kilovarHour)
        add("Wh", as: .wattHour)
        add("MWh", as: CanonicalUnit("kWh", times: 1000))
        add("Wmin", as: .wattMinute)
        add("km/h", "kmh", "kph", as: .kilometrePerHour)
        add("mph", "mi/h", as: .milePerHour)
        add("kn", "kt", "kts", as: CanonicalUnit("m/s", times: 1852, over: 3600))
        add("in", as: .inch)
        add("gal", as: CanonicalUnit("L", times: 3.785411784))
        add("%", "%RH", "%EL", as: .percent)
        add("1", "/", "#", as: CanonicalUnit("1"))
        add("lx", "lux", as: .lux)
        add("deg", "°", as: .degree)
        // The micro sign and the Greek letter are different characters.
        add("ug/m3", "µg/m³", "μg/m³", "µg/m3", "μg/m3", as: .microgramPerCubicMetre)
        add("mg/m3", "mg/m³", as: CanonicalUnit("mg/m3"))
        // The ohm sign and the Greek letter are the same to Unicode, and so to `String`.
        add("Ohm", "ohm", "Ω", as: CanonicalUnit("Ohm"))
        add("By", "B", as: .byte)
        return table
    }()
}
