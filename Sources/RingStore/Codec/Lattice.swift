/// Values that stand on equal steps and were rounded afterwards: value k is k · p / q, rounded half away from 0. Sensors speak
/// in steps of their converter (10/7 lux), averages in parts of their count (k/3, k/900): whole numbers k say the same in
/// fewer bits.
///
/// Decimals themselves are the lattice with p = 10^0, q = 10^0.
struct Lattice: Equatable, Sendable {
    /// What k · p / q was rounded to.
    enum Rounding: Equatable, Sendable {
        /// The unit of k · p / q is 10^−n already: whole numbers of it.
        case decimals(Int)
        /// So many digits from the first that is not 0: as R and C's `%.15g` write numbers.
        case significant(Int)
        /// So many digits from the one before the point on: as spreadsheets show numbers.
        case shown(Int)

        static let digits = 1...15
    }

    /// 1 … 2^40.
    var numerator: Int64
    /// 1 … 2^40.
    var denominator: Int64
    var rounding: Rounding

    private static let most: Int64 = 1 << 40
    static func decimal(_ exponent: Int) -> Lattice {
        Lattice(numerator: 1, denominator: 1, rounding: .decimals(exponent))
    }

    /// The value of step `k`; nil if there is none.
    @inline(__always)
    func value(_ k: Int64) -> Double? {
        switch rounding {
        case .decimals(let decimals):
            guard let scaled = rounded(k.magnitude) else { return nil }
            let value = Double(scaled) / DecimalScale.power(decimals)
            return k < 0 ? -value : value
        case .significant(let digits): return value(k, digits, mostDecimals: 22)
        case .shown(let digits): return value(k, digits, mostDecimals: digits - 1)
        }
    }

    /// k · p / q, rounded, if it is below 2^51.
    @inline(__always)
    private func rounded(_ k: UInt64) -> Int64? {
        guard k < 1 << 51 else { return nil }
        if denominator == 1, numerator == 1 { return Int64(k) }
        let (product, overflow) = Int64(k).multipliedReportingOverflow(by: 2 &* numerator)
        if !overflow, product < 1 << 62 {
            let quotient = (product &+ denominator) / (2 &* denominator)
            return quotient < 1 << 51 ? quotient : nil
        }
        let quotient = (Int128(k) * Int128(2 * numerator) + Int128(denominator)) / Int128(2 * denominator)
        return quotient < 1 << 51 ? Int64(quotient) : nil
    }

    /// k · p / q to so many digits, and at most so many decimals.
    @inline(__always)
    private func value(_ k: Int64, _ digits: Int, mostDecimals: Int) -> Double? {
        guard k != 0 else { return 0 }
        guard k.magnitude < 1 << 51 else { return nil }
        let power = DecimalScale.largePower(digits - 1)
        // Three times as fast where nothing on the way is beyond 64 bits.
        let isSmall = 20 * power * Double(denominator) < 0x1p62 && Double(k.magnitude) * Double(numerator) < 0x1p62
        return isSmall
            ? value(k, least: Int64(power), mostDecimals, as: Int64.self)
            : value(k, least: Int64(power), mostDecimals, as: Int128.self)
    }

    @inline(__always)
    private func value<Wide: FixedWidthInteger & SignedInteger>(
        _ k: Int64, least power: Int64, _ mostDecimals: Int, as: Wide.Type
    ) -> Double? {
        let divisor = Wide(denominator)
        let least = Wide(power) * divisor
        var scaled = Wide(k.magnitude) * Wide(numerator)
        guard scaled < 10 * least else { return nil }
        var decimals = 0
        while scaled < least, decimals < mostDecimals {
            scaled *= 10
            decimals += 1
        }
        let value = Double(Int64((2 * scaled + divisor) / (2 * divisor))) / DecimalScale.largePower(decimals)
        return k < 0 ? -value : value
    }

    /// The step that `value` is, if it is one.
    func step(_ value: Double) -> Int64? {
        var guess = value * Double(denominator) / Double(numerator)
        if case .decimals(let decimals) = rounding { guess *= DecimalScale.power(decimals) }
        // Also false for NaN.
        guard guess.magnitude < 1_125_899_906_842_624 else { return nil }
        let k = Int64(guess.rounded())
        return self.value(k)?.bitPattern == value.bitPattern ? k : nil
    }

    /// The rounding, `varint` p, `varint` q.
    func append(to out: inout ByteWriter) {
        rounding.append(to: &out)
        out.appendVarint(UInt64(numerator))
        out.appendVarint(UInt64(denominator))
    }

    init(numerator: Int64, denominator: Int64, rounding: Rounding) {
        self.numerator = numerator
        self.denominator = denominator
        self.rounding = rounding
    }

    init(_ reader: inout ByteReader) throws(DamagedBytes) {
        let rounding = try Rounding(&reader)
        let numerator = try reader.varint()
        let denominator = try reader.varint()
        let range = 1...UInt64(Lattice.most)
        guard range.contains(numerator), range.contains(denominator) else {
            throw DamagedBytes("lattice")
        }
        self.init(numerator: Int64(numerator), denominator: Int64(denominator), rounding: rounding)
    }
}

extension Lattice.Rounding {
    /// `u8` n for n decimals, 32 + n for significant digits, 64 + n for digits shown.
    func append(to out: inout ByteWriter) {
        switch self {
        case .decimals(let decimals): out.append(UInt8(decimals))
        case .significant(let digits): out.append(UInt8(32 + digits))
        case .shown(let digits): out.append(UInt8(64 + digits))
        }
    }

    init(_ reader: inout ByteReader) throws(DamagedBytes) {
        let form = Int(try reader.integer(UInt8.self))
        if form <= DecimalScale.largestExponent {
            self = .decimals(form)
        } else if Lattice.Rounding.digits.contains(form - 32) {
            self = .significant(form - 32)
        } else if Lattice.Rounding.digits.contains(form - 64) {
            self = .shown(form - 64)
        } else {
            throw DamagedBytes("rounding")
        }
    }
}
