/// The operators that fold many series into few.
enum AggregationOperator: String, Sendable, CaseIterable {
    case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile
    case countValues = "count_values"
    case limitk
    case limitRatio = "limit_ratio"

    init?(_ keyword: Keyword) {
        switch keyword {
        case .sum: self = .sum
        case .avg: self = .avg
        case .count: self = .count
        case .min: self = .min
        case .max: self = .max
        case .group: self = .group
        case .stddev: self = .stddev
        case .stdvar: self = .stdvar
        case .topk: self = .topk
        case .bottomk: self = .bottomk
        case .quantile: self = .quantile
        case .countValues: self = .countValues
        case .limitk: self = .limitk
        case .limitRatio: self = .limitRatio
        default: return nil
        }
    }

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
