/// The units that are registered for SenML: RFC 8428 §12.1, and RFC 8798's, which are multiples of them.
enum SenMLUnits {
    /// Nil if there is none that we would show.
    static func unit(_ symbol: String) -> CanonicalUnit? {
        own[symbol] ?? UnitTable.unit(symbol)
    }

    /// What is measured in the unit, for values whose name is the device's alone; nil if the unit doesn't tell.
    static func quantity(_ symbol: String) -> String? {
        quantities[symbol]
    }

    /// Symbols by which the rest of the world means something else, or which it writes in another way.
    private static let own: [String: CanonicalUnit] = [
        "C": CanonicalUnit("C"),
        "F": CanonicalUnit("F"),
        "l": CanonicalUnit("L"),
        "EL": .second,
        "lat": .degree,
        "lon": .degree,
        "/100": .percent,
        "VAs": CanonicalUnit("VAs"),
    ]

    private static let quantities: [String: String] = [
        "m": "length", "mm": "length", "cm": "length", "km": "length",
        "kg": "mass", "g": "mass",
        "s": "time", "ms": "time", "min": "time", "h": "time",
        "A": "current", "mA": "current",
        "K": "temperature", "Cel": "temperature",
        "cd": "luminous_intensity", "lm": "luminous_flux", "lx": "illuminance", "cd/m2": "luminance",
        "mol": "amount_of_substance", "Hz": "frequency", "MHz": "frequency",
        "rad": "angle", "deg": "angle", "sr": "solid_angle",
        "N": "force", "Pa": "pressure", "hPa": "pressure",
        "J": "energy", "Wh": "energy", "kWh": "energy", "J/m": "energy_per_distance", "Wh/km": "energy_per_distance",
        "W": "power", "kW": "power", "W/m2": "irradiance",
        "VA": "apparent_power", "kVA": "apparent_power", "VAs": "apparent_energy", "kVAh": "apparent_energy",
        "var": "reactive_power", "kvar": "reactive_power",
        "vars": "reactive_energy", "varh": "reactive_energy", "kvarh": "reactive_energy",
        "C": "charge", "Ah": "charge",
        "V": "voltage", "mV": "voltage", "F": "capacitance", "Ohm": "resistance", "S": "conductance",
        "S/m": "conductivity", "Wb": "magnetic_flux", "T": "magnetic_flux_density", "H": "inductance",
        "Bq": "radioactivity", "Gy": "absorbed_dose", "Sv": "equivalent_dose", "kat": "catalytic_activity",
        "m2": "area", "m3": "volume", "l": "volume",
        "m/s": "speed", "km/h": "speed", "m/s2": "acceleration",
        "m3/s": "flow", "l/s": "flow", "mm/h": "rainfall", "m/h": "speed",
        "kg/m3": "density", "ug/m3": "concentration", "ppm": "concentration", "NTU": "turbidity", "pH": "ph",
        "dB": "level", "dBW": "power_level", "dBm": "signal", "Bspl": "sound_pressure_level",
        "B": "size", "KiB": "size", "GB": "size", "bit": "size",
        "bit/s": "data_rate", "Mbit/s": "data_rate", "B/s": "data_rate", "MB/s": "data_rate",
        "lat": "latitude", "lon": "longitude",
        "count": "count",
        "%RH": "humidity", "%EL": "battery", "EL": "battery_time",
        "1/s": "rate", "1/min": "rate", "beat/min": "heart_rate", "beats": "heart_beats",
    ]
}
