import Readings

/// PromQL selectors made of names.
enum SeriesSelector {
    /// The selector of a metric with these labels, every value escaped: `temperature{device="freezer"}`. A name that the
    /// language does not take bare stands as a matcher: `{__name__="nhiệt độ"}`.
    static func text(metric: String, labels: [(name: String, value: String)]) -> String {
        let isBare = isIdentifier(metric)
        var conditions = isBare ? [] : ["\(LabelName.metric)=\"\(Labels.escaped(metric))\""]
        conditions += labels.map { "\($0.name)=\"\(Labels.escaped($0.value))\"" }
        return (isBare ? metric : "") + "{" + conditions.joined(separator: ",") + "}"
    }

    private static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return name.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" || $0 == ":"
        } && !reservedWords.contains(name.lowercased())
    }

    /// Words that the grammar gives a meaning at the start of an expression.
    private static let reservedWords: Set<String> = [
        "and", "or", "unless", "atan2", "inf", "nan", "by", "without", "on", "ignoring", "group_left", "group_right",
        "bool", "offset", "start", "end", "step", "range", "sum", "avg", "count", "min", "max", "group", "stddev",
        "stdvar", "topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio", "fill", "fill_left",
        "fill_right", "anchored", "smoothed",
    ]
}
