/// The unit in which a value is kept, and how the value gets there from the unit in which it came.
struct CanonicalUnit: Hashable, Sendable {
    /// In UCUM-like spelling.
    let name: String
    let conversion: UnitConversion

    /// A value becomes `(value + addend) × multiplier ÷ divisor`. Dividing by a whole number rounds better than
    /// multiplying with its inverse: 2985 mV is 2.985 V, not 2.9850000000000003 V.
    init(_ name: String, adding addend: Double = 0, times multiplier: Double = 1, over divisor: Double = 1) {
        self.name = name
        conversion = UnitConversion(addend: addend, multiplier: multiplier, divisor: divisor)
    }

    /// `value` in this unit; −0 becomes 0. Not finite if `value` is too large for it.
    func converted(_ value: Double) -> Double { conversion.converted(value) }
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
}

extension CanonicalUnit {
    static let ampere = CanonicalUnit("A")
    static let bar = CanonicalUnit("hPa", times: 1000)
    static let byte = CanonicalUnit("By")
    static let celsius = CanonicalUnit("Cel")
    static let decibel = CanonicalUnit("dB")
    static let decibelMilliwatt = CanonicalUnit("dBm")
    static let degree = CanonicalUnit("deg")
    static let fahrenheit = CanonicalUnit("Cel", adding: -32, times: 5, over: 9)
    static let gForce = CanonicalUnit("g")
    static let hectopascal = CanonicalUnit("hPa")
    static let hertz = CanonicalUnit("Hz")
    static let inch = CanonicalUnit("mm", times: 25.4)
    static let inchOfMercury = CanonicalUnit("hPa", times: 33.8638866667)
    static let kilometrePerHour = CanonicalUnit("m/s", times: 10, over: 36)
    static let kilopascal = CanonicalUnit("hPa", times: 10)
    static let kilovarHour = CanonicalUnit("kvarh")
    static let kilowatt = CanonicalUnit("W", times: 1000)
    static let kilowattHour = CanonicalUnit("kWh")
    static let lux = CanonicalUnit("lx")
    static let metre = CanonicalUnit("m")
    static let metrePerSecond = CanonicalUnit("m/s")
    static let microgramPerCubicMetre = CanonicalUnit("ug/m3")
    static let milePerHour = CanonicalUnit("m/s", times: 0.44704)
    static let millimetre = CanonicalUnit("mm")
    static let millivolt = CanonicalUnit("V", over: 1000)
    static let pascal = CanonicalUnit("hPa", over: 100)
    static let partsPerBillion = CanonicalUnit("ppb")
    static let partsPerMillion = CanonicalUnit("ppm")
    static let percent = CanonicalUnit("%")
    static let poundPerSquareInch = CanonicalUnit("hPa", times: 68.9475729318)
    static let second = CanonicalUnit("s")
    static let `var` = CanonicalUnit("var")
    static let volt = CanonicalUnit("V")
    static let voltAmpere = CanonicalUnit("VA")
    static let watt = CanonicalUnit("W")
    static let wattMinute = CanonicalUnit("kWh", over: 60_000)
    static let wattHour = CanonicalUnit("kWh", over: 1000)
}
