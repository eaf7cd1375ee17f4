/// A key of rtl_433's, taken apart into what is measured and the unit at its end.
struct RTL433Field {
    var word: String
    var unit: CanonicalUnit?

    init(word: String, unit: CanonicalUnit?) {
        self.word = word
        self.unit = unit
    }

    /// - Parameter word: the same key in snake case.
    init(_ key: String, word: String) {
        var key = key
        self = key.withUTF8 { RTL433Field(UnsafeRawBufferPointer($0), word: word) }
    }

    init(_ key: UnsafeRawBufferPointer, word: String) {
        self.init(word: word, unit: RTL433Field.units[word])
        // battery_V is a level of its own, beside battery_ok.
        if word.hasPrefix("battery_") { return }
        for suffix in RTL433Field.suffixes where suffix.ends(key) && suffix.length < word.utf8.count {
            self.word = String(word.dropLast(suffix.length))
            unit = suffix.unit
            return
        }
    }

    /// What tells which device it is, or how its message was checked.
    static func isIdentity(_ word: String) -> Bool {
        ["model", "channel", "subtype", "type", "mic"].contains(word)
    }

    private static let units: [String: CanonicalUnit] = ["humidity": .percent, "moisture": .percent]

    private struct Suffix {
        let text: StaticString
        let unit: CanonicalUnit
        /// In snake case.
        let length: Int

        init(_ text: StaticString, _ unit: CanonicalUnit, length: Int? = nil) {
            self.text = text
            self.unit = unit
            self.length = length ?? text.utf8CodeUnitCount
        }

        func ends(_ key: UnsafeRawBufferPointer) -> Bool {
            text.withUTF8Buffer { key.suffix($0.count).elementsEqual($0) }
        }
    }

    /// The longer before what they end with.
    private static let suffixes: [Suffix] = [
        Suffix("_km_h", .kilometrePerHour), Suffix("_mi_h", .milePerHour), Suffix("_mph", .milePerHour),
        Suffix("_m_s", .metrePerSecond), Suffix("_C", .celsius), Suffix("_F", .fahrenheit),
        Suffix("_hPa", .hectopascal), Suffix("_kPa", .kilopascal), Suffix("_inHg", .inchOfMercury, length: 6),
        Suffix("_PSI", .poundPerSquareInch), Suffix("_psi", .poundPerSquareInch), Suffix("_mm", .millimetre),
        Suffix("_in", .inch), Suffix("_kWh", .kilowattHour), Suffix("_kW", .kilowatt), Suffix("_W", .watt),
        Suffix("_V", .volt), Suffix("_A", .ampere), Suffix("_deg", .degree),
    ]
}
