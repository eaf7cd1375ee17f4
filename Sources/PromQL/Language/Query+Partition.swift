import Readings

/// Labels that tell series apart of which no answer of a query mixes any: it may be asked of those that agree in all of these labels
/// by themselves, and all of its answers together are those that it gives of all series.
package struct SeriesPartition: Sendable {
    private var names: [String]
    /// Whether all labels but `names` tell them apart.
    private var isComplement: Bool

    fileprivate static let finest = SeriesPartition(names: [LabelName.metric], isComplement: true)

    /// What the series that belong together have in common.
    package func key(of labels: Labels) -> Labels {
        isComplement ? labels.dropping(names, andName: false) : labels.keeping(names)
    }

    fileprivate var isOne: Bool { !isComplement && names.isEmpty }

    fileprivate mutating func keep(_ kept: [String]) {
        names = isComplement ? kept.filter { !names.contains($0) } : names.filter(kept.contains)
        isComplement = false
    }

    fileprivate mutating func drop(_ dropped: [String]) {
        if isComplement { names += dropped } else { names.removeAll(where: dropped.contains) }
    }
}

extension Query {
    /// Nil if the query can only be asked of all series together.
    package var partition: SeriesPartition? {
        var partition = SeriesPartition.finest
        guard !expression.isBare, expression.narrow(&partition), !partition.isOne else { return nil }
        return partition
    }
}

extension Expression {
    /// Whether it looks at no series at all.
    fileprivate var isBare: Bool {
        var isBare = true
        forEachSelector { _ in isBare = false }
        return isBare
    }

    /// Whether there may be parts at all.
    fileprivate func narrow(_ partition: inout SeriesPartition) -> Bool {
        switch form {
        case .number, .string, .selector, .range: return true
        case .subquery(let subquery): return subquery.expression.isBare || subquery.expression.narrow(&partition)
        case .parenthesised(let inner), .negation(let inner): return inner.narrow(&partition)
        case .binary(let operation): return operation.narrow(&partition)
        case .aggregation(let aggregation): return aggregation.narrow(&partition)
        case .call(let call): return call.narrow(&partition)
        }
    }
}

extension BinaryOperation {
    fileprivate func narrow(_ partition: inout SeriesPartition) -> Bool {
        guard let matching else {
            // A vector and a number; the number comes of no series, or `scalar` would have said no.
            return [left, right].allSatisfy { $0.isBare || $0.narrow(&partition) }
        }
        if right.isBare, `operator` == .and || `operator` == .unless { return !left.isBare && left.narrow(&partition) }
        // Of arithmetic, that two series are the same but for their values must be found, too, where one of them has no partner: where
        // that can be, only all together tell.
        guard `operator`.isSetOperator || matching.isWhole && left.isDistinct && right.isDistinct, !left.isBare,
            !right.isBare, left.narrow(&partition), right.narrow(&partition)
        else { return false }
        if matching.isOn { partition.keep(matching.labels) } else { partition.drop(matching.labels) }
        if let included = matching.included { partition.drop(included) }
        return true
    }
}

extension VectorMatching {
    /// Whether series match that have the same labels, all of them, and nothing else does.
    fileprivate var isWhole: Bool {
        !isOn && labels.isEmpty && cardinality == .oneToOne && fillLeft == nil && fillRight == nil
    }
}

extension Expression {
    /// Whether no two of its series can have the same labels beside the name, as they come of one metric or are groups.
    fileprivate var isDistinct: Bool {
        switch form {
        case .number, .string: false
        case .selector(let selector): selector.isOfOneMetric
        case .range(let range): range.selector.isOfOneMetric
        case .subquery(let subquery): subquery.expression.isDistinct
        case .parenthesised(let inner), .negation(let inner): inner.isDistinct
        case .binary(let operation): operation.isDistinct
        case .aggregation(let aggregation):
            switch aggregation.operator {
            case .topk, .bottomk, .limitk, .limitRatio, .countValues: false
            default: true
            }
        case .call(let call):
            switch call.function.body {
            case .value, .valueWithNumbers, .window:
                call.arguments.filter { $0.type != .scalar }.allSatisfy(\.isDistinct)
            case .date, .operand, .unavailable: false
            }
        }
    }
}

extension BinaryOperation {
    fileprivate var isDistinct: Bool {
        guard matching != nil else { return (left.type == .vector ? left : right).isDistinct }
        return (`operator` == .and || `operator` == .unless) && left.isDistinct
    }
}

extension VectorSelector {
    fileprivate var isOfOneMetric: Bool {
        matchers.contains { $0.name == LabelName.metric && $0.operator == .equal }
    }
}

extension Aggregation {
    fileprivate func narrow(_ partition: inout SeriesPartition) -> Bool {
        guard !operand.isBare, parameter?.isBare ?? true, `operator` != .countValues, operand.narrow(&partition) else {
            return false
        }
        switch grouping {
        case .by(let names): partition.keep(names)
        case .without(let names): partition.drop(names)
        }
        return true
    }
}

extension Call {
    private static let elementwise: Set<String> = [
        "timestamp", "sort", "sort_desc", "sort_by_label", "sort_by_label_desc", "anomaly_score", "anomaly_onset",
        "usual_value",
        "usual_low", "usual_high",
    ]

    fileprivate func narrow(_ partition: inout SeriesPartition) -> Bool {
        let series = arguments.filter { !$0.isBare }
        guard series.count == 1, series[0].narrow(&partition) else { return false }
        switch function.body {
        case .value, .valueWithNumbers, .date, .window: return series[0].type != .scalar
        case .operand where Call.elementwise.contains(function.name): return true
        case .operand where function.name == "label_replace" || function.name == "label_join":
            guard case .string(let changed)? = arguments.dropFirst().first?.unwrapped.form else { return false }
            partition.drop([changed])
            return true
        case .operand, .unavailable: return false
        }
    }
}
