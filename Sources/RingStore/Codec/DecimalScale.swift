/// Doubles that were written with a few decimals, as whole numbers: 21.35 is 2135 at exponent 2.
///
/// A number is accepted only if the way back gives the same 64 bits, so that nothing is ever rounded: −0, NaN,
/// infinities and numbers with more digits are not.
enum DecimalScale {
    static let largestExponent = 12

    /// 10^0 … 10^12, all of them exact in a Double.
    private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]

    @inline(__always)
    static func power(_ exponent: Int) -> Double {
        powers.withUnsafeBufferPointer { $0[exponent] }
    }

    /// 10^0 … 10^22: those beyond `largestExponent` for the digits of a lattice.
    static func largePower(_ exponent: Int) -> Double {
        exponent <= largestExponent ? power(exponent) : power(largestExponent) * power(exponent - largestExponent)
    }

    /// `value` · 10^exponent, if that is a whole number below 2^51 from which `value` comes back bit for bit.
    @inline(__always)
    static func integer(_ value: Double, times power: Double) -> Int64? {
        let scaled = value * power
        // Also false for NaN.
        guard scaled.magnitude < 2_251_799_813_685_248 else { return nil }
        // Adding and taking away 1.5 · 2^52 rounds to the nearest whole number without a call.
        let rounded = (scaled + 6_755_399_441_055_744) - 6_755_399_441_055_744
        guard (rounded / power).bitPattern == value.bitPattern else { return nil }
        return Int64(rounded)
    }

    /// 1.5 · 2^52: the last bit of this plus a number is worth 1.
    private static let magic = 6_755_399_441_055_744.0

    /// The Doubles that `integers`, below 2^51, are at `exponent`. For others: some Double.
    static func values(
        _ integers: UnsafeBufferPointer<Int64>, exponent: Int, into out: UnsafeMutableBufferPointer<Double>
    ) {
        // No vector unit before AVX-512 turns 64-bit integers into Doubles, but all of them add.
        let base = Int64(bitPattern: magic.bitPattern)
        guard exponent > 0 else {
            for row in out.indices { out[row] = Double(bitPattern: UInt64(bitPattern: integers[row] &+ base)) - magic }
            return
        }
        let power = power(exponent)
        for row in out.indices {
            out[row] = (Double(bitPattern: UInt64(bitPattern: integers[row] &+ base)) - magic) / power
        }
    }

    /// Fills `integers` as `integer(_:times:)` would, as long as that succeeds. Returns for how many values it did.
    static func integers(
        of values: UnsafeBufferPointer<Double>, exponent: Int, into integers: UnsafeMutableBufferPointer<Int64>
    ) -> Int {
        let power = power(exponent)
        let base = Int64(bitPattern: magic.bitPattern)
        var start = 0
        while start < values.count {
            let end = min(start + 64, values.count)
            var wrong: UInt64 = 0
            for row in start..<end {
                let value = values[row]
                let scaled = value * power
                let shifted = scaled + magic
                integers[row] = Int64(bitPattern: shifted.bitPattern) &- base
                let back = (shifted - magic) / power
                wrong |= back.bitPattern ^ value.bitPattern
                wrong |= scaled.magnitude < 2_251_799_813_685_248 ? 0 : 1
            }
            guard wrong == 0 else {
                var row = start
                while row < end, let integer = integer(values[row], times: power) {
                    integers[row] = integer
                    row += 1
                }
                return row
            }
            start = end
        }
        return values.count
    }

    /// The smallest exponent from `least` on at which `value` is a whole number; nil if there is none.
    static func exponent(of value: Double, from least: Int = 0) -> Int? {
        var exponent = least
        while exponent <= largestExponent {
            if integer(value, times: power(exponent)) != nil { return exponent }
            exponent += 1
        }
        return nil
    }
}
