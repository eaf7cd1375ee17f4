import Readings

/// `quantrac query`: the result as a table, a column for each label.
struct QueryPage: Sendable {
    var data: QueryData
    var texts: Texts
    var clock: LocalClock

    func table() -> Table {
        let names = labelNames
        var table = Table(columns: names.map { .init(title: title($0), shrinks: true) })
        if showsTime { table.columns.append(.init(title: texts(.time))) }
        table.columns.append(.init(title: texts(.value), isNumber: !data.isText))
        table.rows = rows().map { row in
            var cells = names.map { Table.Cell(row.labels[$0] ?? "") }
            if showsTime { cells.append(.init(clock.dateAndTime(row.time, seconds: true))) }
            return cells + [.init(row.number.map(NumberText.readable) ?? row.text)]
        }
        return table
    }

    func csv() -> [String] {
        let names = labelNames
        return CSV.lines(
            names + ["time", "value"],
            rows().map { row in
                names.map { row.labels[$0] ?? "" } + [row.time.rfc3339, row.text]
            })
    }

    private struct Row {
        var labels: [String: String]
        var time: Timestamp
        var text: String
        var number: Double?
    }

    private func rows() -> [Row] {
        func row(_ labels: [String: String], _ point: QueryPoint) -> Row {
            Row(labels: labels, time: point.time, text: point.text, number: point.value)
        }
        switch data {
        case .vector(let elements): return elements.map { row($0.metric, $0.value) }
        case .matrix(let series): return series.flatMap { one in one.values.map { row(one.metric, $0) } }
        case .scalar(let point): return [row([:], point)]
        case .string(let point): return [Row(labels: [:], time: point.time, text: point.text, number: nil)]
        }
    }

    /// An instant query answers for one instant, which needs no column.
    private var showsTime: Bool {
        if case .matrix = data { return true }
        return false
    }

    /// The metric first, then household and device, then the others by name.
    private var labelNames: [String] {
        let sets: [[String: String]] =
            switch data {
            case .vector(let elements): elements.map(\.metric)
            case .matrix(let series): series.map(\.metric)
            case .scalar, .string: []
            }
        let all = sets.reduce(into: Set<String>()) { $0.formUnion($1.keys) }
        let leading = [LabelName.metric, LabelName.household, LabelName.device].filter(all.contains)
        return leading + all.subtracting(leading).sorted()
    }

    private func title(_ label: String) -> String {
        switch label {
        case LabelName.metric: texts(.metric)
        case LabelName.household: texts(.household)
        case LabelName.device: texts(.device)
        default: PlainText.neutralised(label)
        }
    }
}
