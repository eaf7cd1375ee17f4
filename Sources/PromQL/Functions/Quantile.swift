/// Quantiles of plain values.
enum Quantile {
    /// The `phi`-quantile of `values`, interpolated between neighbours; NaN counts as the smallest value. Sorts `values`.
    static func of(_ values: inout [Double], _ phi: Double) -> Double {
        if values.isEmpty || phi.isNaN { return .nan }
        if phi < 0 { return -.infinity }
        if phi > 1 { return .infinity }
        values.sort { ($0.isNaN && !$1.isNaN) || $0 < $1 }
        let rank = phi * Double(values.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(values.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[lower] * (1 - weight) + values[upper] * weight
    }
}
