import Readings

/// `quantrac history` of one or several series of a device's metric.
struct HistoryPage: Sendable {
    struct Series: Sendable {
        /// Labels beside metric, household and device
        var labels: [String: String]
        var unit: String?
        var points: [HistoryPoint]
    }

    var household: String
    var device: String
    /// The friendly name, or the identifier
    var deviceName: String
    var metric: String
    var series: [Series]
    var steps: HistorySteps
    var texts: Texts
    var clock: LocalClock

    /// A chart for each series.
    func charts(_ terminal: Terminal) -> [String] {
        let rows = min(16, max(6, (terminal.height - 6) / max(1, min(series.count, 3))))
        var lines: [String] = []
        for one in series {
            if !lines.isEmpty { lines.append("") }
            let chart = Chart(
                title: "\(deviceName) · \(metric)\(SeriesName.suffix(one.labels))", unit: one.unit, points: one.points,
                start: steps.start, end: steps.end, step: steps.step, clock: clock, texts: texts)
            lines += chart.lines(
                width: terminal.width, rows: rows, utf8: terminal.isUTF8, colours: terminal.hasColours)
        }
        return lines
    }

    /// The last value of each step, and what hides behind it.
    func table() -> Table {
        let units = Set(series.map { UnitText.human($0.unit) })
        let unit = units.count == 1 ? units.first ?? "" : ""
        let isLabelled = series.count > 1
        var table = Table(columns: isLabelled ? [.init(title: texts(.series))] : [])
        table.columns += [
            .init(title: texts(.time)),
            .init(title: unit.isEmpty ? texts(.value) : "\(texts(.value)) [\(unit)]", isNumber: true),
            .init(title: texts(.least), isNumber: true), .init(title: texts(.mean), isNumber: true),
            .init(title: texts(.greatest), isNumber: true),
        ]
        let needsSeconds = steps.step % 60_000 != 0
        for one in series {
            for point in one.points {
                func cell(_ text: String) -> Table.Cell {
                    .init(unit.isEmpty ? UnitText.value(text, unit: one.unit) : text)
                }
                let label = isLabelled ? [Table.Cell(metric + SeriesName.suffix(one.labels))] : []
                table.rows.append(
                    label + [
                        .init(clock.dateAndTime(point.time, seconds: needsSeconds)),
                        cell(NumberText.readable(point.last)), cell(NumberText.readable(point.least)),
                        cell(NumberText.mean(point.mean, of: point.least, point.greatest)),
                        cell(NumberText.readable(point.greatest)),
                    ])
            }
        }
        return table
    }

    func csv() -> [String] {
        CSV.lines(
            ["time", "household", "device", "metric", "labels", "value", "unit", "min", "max", "mean", "count"],
            series.flatMap { one in
                one.points.map { point in
                    [
                        point.time.rfc3339, household, device, metric, SeriesName.suffix(one.labels),
                        NumberText.exact(point.last), one.unit ?? "", NumberText.exact(point.least),
                        NumberText.exact(point.greatest), NumberText.exact(point.mean), "\(point.count)",
                    ]
                }
            })
    }

    /// What `--format json` prints: each series with the points of its steps.
    func reports() -> [Report] {
        series.map { one in
            Report(
                household: household, device: device, metric: metric, labels: one.labels, unit: one.unit,
                stepSeconds: Double(steps.step) / 1000,
                points: one.points.map {
                    .init(
                        time: $0.time.rfc3339, value: $0.last, min: $0.least, max: $0.greatest, mean: $0.mean)
                })
        }
    }

    struct Report: Codable, Sendable {
        struct Point: Codable, Sendable {
            /// RFC 3339
            var time: String
            /// The last of the step
            var value: Double
            var min: Double
            var max: Double
            var mean: Double
        }

        var household: String
        var device: String
        var metric: String
        var labels: [String: String]
        var unit: String?
        var stepSeconds: Double
        var points: [Point]
    }
}
