/// The unit in which a value is kept, and how the value gets there from the unit in which it came.
struct CanonicalUnit: Hashable, Sendable {
    /// In UCUM-like spelling.
    let name: String
    /// The unit in which values come, where they are converted; nil where they are kept as they are. `UnitTable` knows it.
    private(set) var original: String?
    let conversion: UnitConversion

    /// A value becomes `(value + addend) × multiplier ÷ divisor`. Dividing by a whole number rounds better than
    /// multiplying with its inverse: 2985 mV is 2.985 V, not 2.9850000000000003 V.
    init(
        _ name: String, from original: String? = nil, adding addend: Double = 0, times multiplier: Double = 1,
        over divisor: Double = 1
    ) {
        self.name = name
        self.original = original
        conversion = UnitConversion(addend: addend, multiplier: multiplier, divisor: divisor)
    }

    /// `value` in this unit; −0 becomes 0. Not finite if `value` is too large for it.
    func converted(_ value: Double) -> Double { conversion.converted(value) }

    /// The value that became `value`, as short as it may have been written.
    func unconverted(_ value: Double) -> Double { conversion.unconverted(value) }

    /// The same conversion, of a unit that the device spells so.
    func spelt(_ spelling: String) -> CanonicalUnit {
        guard original != nil || conversion != .none else { return self }
        var unit = self
        unit.original = spelling
        return unit
    }
}

/// How a value gets from the unit in which it came into the one in which it is kept.
struct UnitConversion: Hashable, Sendable {
    let addend: Double
    let multiplier: Double
    let divisor: Double

    static let none = UnitConversion(addend: 0, multiplier: 1, divisor: 1)

    @inline(__always)
    func converted(_ value: Double) -> Double {
        let result = (value + addend) * multiplier / divisor
        return result == 0 ? 0 : result
    }

    /// The value that became `value`, as short as it may have been written.
    func unconverted(_ value: Double) -> Double {
        let exact = value * divisor / multiplier - addend
        // Of all numbers that become the same one, a device has sent the one with the fewest digits.
        for decimals in -3...15 {
            guard let short = UnitConversion.rounded(exact, toDecimals: decimals) else { break }
            if converted(short) == value { return short }
        }
        return exact
    }

    /// `value` with so many decimals, as near to that as a `Double` comes; nil if it is too large to have any.
    private static func rounded(_ value: Double, toDecimals decimals: Int) -> Double? {
        var power = 1.0
        for _ in 0..<abs(decimals) { power *= 10 }
        let whole = (decimals < 0 ? value / power : value * power).rounded()
        guard abs(whole) < 0x1p53 else { return nil }
        // Both are whole, so that this rounds once.
        return decimals < 0 ? whole * power : whole / power
    }
}

extension CanonicalUnit {
    static let ampere = CanonicalUnit("A")
    static let bar = CanonicalUnit("hPa", from: "bar", times: 1000)
    static let byte = CanonicalUnit("By")
    static let celsius = CanonicalUnit("Cel")
    static let decibel = CanonicalUnit("dB")
    static let decibelMilliwatt = CanonicalUnit("dBm")
    static let degree = CanonicalUnit("deg")
    static let fahrenheit = CanonicalUnit("Cel", from: "°F", adding: -32, times: 5, over: 9)
    static let gForce = CanonicalUnit("g")
    static let hectopascal = CanonicalUnit("hPa")
    static let hertz = CanonicalUnit("Hz")
    static let inch = CanonicalUnit("mm", from: "in", times: 25.4)
    static let inchOfMercury = CanonicalUnit("hPa", from: "inHg", times: 33.8638866667)
    static let kilometrePerHour = CanonicalUnit("m/s", from: "km/h", times: 10, over: 36)
    static let kilopascal = CanonicalUnit("hPa", from: "kPa", times: 10)
    static let kilovarHour = CanonicalUnit("kvarh")
    static let kilowatt = CanonicalUnit("W", from: "kW", times: 1000)
    static let kilowattHour = CanonicalUnit("kWh")
    static let lux = CanonicalUnit("lx")
    static let metre = CanonicalUnit("m")
    static let metrePerSecond = CanonicalUnit("m/s")
    static let microgramPerCubicMetre = CanonicalUnit("ug/m3")
    static let milePerHour = CanonicalUnit("m/s", from: "mph", times: 0.44704)
    static let millimetre = CanonicalUnit("mm")
    static let millivolt = CanonicalUnit("V", from: "mV", over: 1000)
    static let pascal = CanonicalUnit("hPa", from: "Pa", over: 100)
    static let partsPerBillion = CanonicalUnit("ppb")
    static let partsPerMillion = CanonicalUnit("ppm")
    static let percent = CanonicalUnit("%")
    static let poundPerSquareInch = CanonicalUnit("hPa", from: "psi", times: 68.9475729318)
    static let second = CanonicalUnit("s")
    static let `var` = CanonicalUnit("var")
    static let volt = CanonicalUnit("V")
    static let voltAmpere = CanonicalUnit("VA")
    static let watt = CanonicalUnit("W")
    static let wattMinute = CanonicalUnit("kWh", from: "Wmin", over: 60_000)
    static let wattHour = CanonicalUnit("kWh", from: "Wh", over: 1000)
}
