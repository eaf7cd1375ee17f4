import Readings

/// Whether there is something, and when it was.
enum PresenceFunctions {
    static let all: [Function] = [
        Function("present_over_time", [.matrix], .window(WindowFunction(compute: { _, _ in 1 }, newest: { _ in 1 }))),
        Function("absent", [.vector], .operand(absent)),
        Function("absent_over_time", [.matrix], .operand(absent)),
        Function("timestamp", [.vector], .operand(timestamp)),
    ]

    /// 1 at each step at which the argument has no series at all, with the labels that its selector asks for.
    private static let absent: @Sendable (Call, Expression, Planner) throws(PromQLError) -> Operand = {
        call, _, planner throws(PromQLError) in
        let argument = call.arguments[0].unwrapped
        return .series(
            ListOperator { () throws(PromQLError) in
                var present = StepSet(count: planner.grid.count)
                var input = try input(argument, planner)
                while let series = try input.next() {
                    try planner.evaluation.countWork(series.values.count)
                    present.formUnion(presentIn: series.values)
                }
                var series = StepSeries(labels: labels(of: argument), values: planner.constant(1))
                for step in series.values.indices where present.contains(step) {
                    series.values[step] = StepSeries.absent
                }
                return series.hasValues ? [series] : []
            })
    }

    private static func input(_ argument: Expression, _ planner: Planner) throws(PromQLError) -> any SeriesOperator {
        guard argument.type == .matrix else { return try planner.series(argument) }
        let (input, windows) = try planner.range(argument)
        return WindowOperator(
            function: WindowFunction(compute: { _, _ in 1 }), input: input, windows: windows, numbers: [],
            rangeSpan: 0..<0, quantileSpan: 0..<0, planner: planner)
    }

    /// Of `absent(x{a="1", b=~"2"})` the labels with one equality and nothing else said of them.
    private static func labels(of argument: Expression) -> Labels {
        let matchers: [LabelMatcher]
        switch argument.form {
        case .selector(let selector): matchers = selector.matchers
        case .range(let range): matchers = range.selector.matchers
        default: return [:]
        }
        var labels: Labels = [:]
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != LabelName.metric {
            let isFirst = matcher.operator == .equal && seen.insert(matcher.name).inserted
            labels = labels.setting(matcher.name, to: isFirst ? matcher.value : nil)
        }
        return labels
    }

    /// The time of a selector's samples; of any other vector, the step's.
    private static let timestamp: @Sendable (Call, Expression, Planner) throws(PromQLError) -> Operand = {
        call, _, planner throws(PromQLError) in
        let argument = call.arguments[0].unwrapped
        if case .selector(let selector) = argument.form {
            let times = try InstantSelector(selector, yieldsTimes: true, planner: planner)
            return .series(ValueOperator(input: times, planner: planner) { value, _ in value })
        }
        let times = planner.grid.times.map(\.secondsSince1970)
        return .series(
            ValueOperator(input: try planner.series(argument), numbers: [times], planner: planner) { _, numbers in
                numbers.first
            })
    }
}
