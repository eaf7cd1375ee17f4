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
