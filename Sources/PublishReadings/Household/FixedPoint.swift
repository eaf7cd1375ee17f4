/// `value` with exactly `digits` decimals, as firmware prints it: `text(21.25, 1)` is `21.3`.
///
/// Values here are those of a household; anything beyond ±10¹² or not finite is printed as 0.
func text(_ value: Double, _ digits: Int) -> String {
    guard value.magnitude < 1e12 else { return "0" }
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((value * Double(scale)).rounded())
    let sign = scaled < 0 ? "-" : ""
    let (whole, rest) = scaled.magnitude.quotientAndRemainder(dividingBy: scale.magnitude)
    guard digits > 0 else { return sign + String(whole) }
    let decimals = String(rest)
    return sign + String(whole) + "." + String(repeating: "0", count: digits - decimals.utf8.count) + decimals
}
