import Readings

/// The order of an instant's answer. Ranges are always sorted by labels.
enum OrderFunctions {
    static let all: [Function] = [
        Function("sort", [.vector], sorting { _ in { ascending($0.values[0], $1.values[0]) } }),
        Function("sort_desc", [.vector], sorting { _ in { descending($0.values[0], $1.values[0]) } }),
        Function(
            "sort_by_label", [.vector, .string], last: .anyNumber,
            sorting { labels in { byLabels(labels, $0, $1) } }),
        Function(
            "sort_by_label_desc", [.vector, .string], last: .anyNumber,
            sorting { labels in { byLabels(labels, $1, $0) } }),
    ]

    private typealias Order = (StepSeries, StepSeries) -> Bool

    private static func sorting(_ order: @escaping @Sendable ([String]) -> Order) -> Function.Body {
        .operand { call, expression, planner throws(PromQLError) in
            var labels: [String] = []
            for argument in call.arguments.dropFirst() { labels.append(try planner.text(argument)) }
            let input = try planner.series(call.arguments[0])
            guard planner.grid.isInstant else {
                planner.evaluation.add(.sortInRange(at: expression.span))
                return .series(input)
            }
            return .series(
                ListOperator { () throws(PromQLError) in
                    var input = input
                    let all = try input.rest(planner.evaluation)
                    try planner.evaluation.checkTime()
                    return all.sorted(by: order(labels))
                })
        }
    }

    /// NaN comes last either way.
    private static func ascending(_ a: Double, _ b: Double) -> Bool { !a.isNaN && (b.isNaN || a < b) }
    private static func descending(_ a: Double, _ b: Double) -> Bool { !a.isNaN && (b.isNaN || a > b) }

    private static func byLabels(_ names: [String], _ a: StepSeries, _ b: StepSeries) -> Bool {
        for name in names {
            let (left, right) = (a.labels[name] ?? "", b.labels[name] ?? "")
            if left != right { return NaturalOrder.precedes(left, right) }
        }
        return a.labels < b.labels
    }
}

/// The order in which people count: `rack2` before `rack10`.
enum NaturalOrder {
    static func precedes(_ a: String, _ b: String) -> Bool {
        var (left, right) = (Array(a.utf8)[...], Array(b.utf8)[...])
        while let first = takeChunk(&left) {
            guard let second = takeChunk(&right) else { return false }
            if isNumber(first), isNumber(second) {
                let (x, y) = (first.drop { $0 == "0" }, second.drop { $0 == "0" })
                if x.count != y.count { return x.count < y.count }
                if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
            } else if !first.elementsEqual(second) {
                return first.lexicographicallyPrecedes(second)
            }
        }
        return !right.isEmpty
    }

    private static func isNumber(_ chunk: ArraySlice<UInt8>) -> Bool { chunk.first.map { "0"..."9" ~= $0 } ?? false }

    /// The digits, or what is none, at the beginning.
    private static func takeChunk(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let isDigits = isNumber(rest)
        let chunk = rest.prefix { ("0"..."9" ~= $0) == isDigits }
        rest = rest.dropFirst(chunk.count)
        return chunk
    }
}
