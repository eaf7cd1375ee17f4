/// Units as people write them, from the canonical spelling of the store (UCUM-like).
enum UnitText {
    static func human(_ unit: String?) -> String {
        guard let unit else { return "" }
        return spellings[unit] ?? PlainText.neutralised(unit)
    }

    /// `21.5 °C`; the degree of an angle stands at the number.
    static func value(_ value: Double, unit: String?) -> String {
        self.value(NumberText.readable(value), unit: unit)
    }

    /// A number as text, with its unit.
    static func value(_ number: String, unit: String?) -> String {
        let unit = human(unit)
        if unit.isEmpty { return number }
        return unit == "°" ? number + unit : number + " " + unit
    }

    private static let spellings = [
        "Cel": "°C", "ug/m3": "µg/m³", "mg/m3": "mg/m³", "m3": "m³", "Ohm": "Ω", "deg": "°", "By": "B", "1": "",
    ]
}
