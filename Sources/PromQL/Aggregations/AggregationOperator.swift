/// The operators that fold many series into few.
enum AggregationOperator: String, Sendable, CaseIterable {
    case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile
    case countValues = "count_values"
    case limitk
    case limitRatio = "limit_ratio"

    init?(_ keyword: Keyword) { self.init(rawValue: keyword.rawValue) }

    /// The type of the first argument, for operators that have two; nil for the others.
    var parameterType: ValueType? {
        switch self {
        case .topk, .bottomk, .quantile, .limitk, .limitRatio: .scalar
        case .countValues: .string
        default: nil
        }
    }

    /// Why the operator can't be used; nil if it can.
    var unavailable: String? {
        switch self {
        case .limitk, .limitRatio:
            "\(rawValue)() is experimental in Prometheus and not available here; topk() and bottomk() limit by value"
        default: nil
        }
    }
}
