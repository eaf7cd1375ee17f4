/// The most decimals that are written.
let mostDigits = 9

/// `value` with exactly `digits` decimals, as firmware prints it: `text(21.25, 1)` is `21.3`.
///
/// Values here are those of a household; anything beyond ±10⁹ or not finite is printed as 0.
func text(_ value: Double, _ digits: Int) -> String {
    guard value.magnitude < 1e9 else { return "0" }
    let scale = powerOfTen(digits)
    let scaled = Int64((value * Double(scale)).rounded())
    let sign = scaled < 0 ? "-" : ""
    let (whole, rest) = scaled.magnitude.quotientAndRemainder(dividingBy: scale.magnitude)
    guard digits > 0 else { return sign + String(whole) }
    let decimals = String(rest)
    return sign + String(whole) + "." + String(repeating: "0", count: digits - decimals.utf8.count) + decimals
}

/// The number that `text(value, digits)` reads as: a division of whole numbers rounds as reading the decimals does.
func rounded(_ value: Double, _ digits: Int) -> Double {
    guard value.magnitude < 1e9 else { return 0 }
    let scale = Double(powerOfTen(digits))
    return (value * scale).rounded() / scale
}

private func powerOfTen(_ digits: Int) -> Int64 {
    var power: Int64 = 1
    for _ in 0..<min(digits, mostDigits) { power *= 10 }
    return power
}

/// The low `digits` hexadecimal digits of `number`, in lower case.
func hexadecimal(_ number: UInt64, digits: Int) -> String {
    let all = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - all.utf8.count)) + all.suffix(digits)
}
