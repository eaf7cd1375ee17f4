import Readings

/// One series over time, drawn with characters.
///
/// No line is wider than asked, whatever the values and texts are.
struct Chart: Sendable {
    /// Such as `Tủ đông · temperature`; the unit is added.
    var title: String
    /// Canonical
    var unit: String?
    /// In order of time, finite.
    var points: [HistoryPoint]
    var start: Timestamp
    var end: Timestamp
    /// Milliseconds a point stands for
    var step: Int64
    var clock: LocalClock
    var texts: Texts

    /// The lines of the chart: the title, `rows` rows of plot, the axis with its times, and what the values come to.
    func lines(width: Int, rows: Int, utf8: Bool, colours: Bool) -> [String] {
        let points = points.filter { $0.least.isFinite && $0.greatest.isFinite && $0.mean.isFinite }
        let ellipsis = utf8 ? "…" : "..."
        func fitted(_ text: String) -> String {
            DisplayWidth.truncated(PlainText.neutralised(text), to: max(0, width), ellipsis: ellipsis)
        }
        var lines = [Tone.strong.paint(fitted(heading), colours: colours)]
        guard let first = points.first else { return lines + [fitted(texts(.noReadingsInRange))] }
        let least = points.reduce(first.least) { min($0, $1.least) }
        let greatest = points.reduce(first.greatest) { max($0, $1.greatest) }
        let rows = max(2, min(rows, 60))
        let axis = ValueAxis(least: least, greatest: greatest, ticks: max(2, rows / 3))
        let labelWidth = axis.ticks.reduce(0) { max($0, DisplayWidth.of($1.label)) }
        let columns = width - labelWidth - 2
        if columns >= Chart.fewestColumns {
            lines += plot(points, axis, columns: columns, rows: rows, labelWidth, utf8: utf8, colours: colours)
        }
        return lines + summary(points, axis, least: least, greatest: greatest, width: width).map(fitted)
    }

    /// How many columns of a terminal `width` wide the plot itself gets, about: before the values are known.
    static func plotColumns(width: Int) -> Int {
        max(fewestColumns, width - 9)
    }

    private static let fewestColumns = 10

    private var heading: String {
        let unit = UnitText.human(unit)
        return unit.isEmpty ? title : "\(title) [\(unit)]"
    }

    private func plot(
        _ points: [HistoryPoint], _ axis: ValueAxis, columns: Int, rows: Int, _ labelWidth: Int, utf8: Bool,
        colours: Bool
    ) -> [String] {
        var canvas = DotCanvas(columns: columns, rows: rows, dots: utf8 ? .braille : .ascii)
        draw(points, axis, on: &canvas)
        var labels: [Int: String] = [:]
        for tick in axis.ticks {
            let y = Chart.dot(1 - axis.fraction(tick.value), of: canvas.height)
            labels[y * rows / canvas.height] = tick.label
        }
        var lines = (0..<rows).map { row in
            let label = labels[row]
            let mark = label == nil ? (utf8 ? "│" : "|") : (utf8 ? "┤" : "+")
            let left = DisplayWidth.padded(label ?? "", to: labelWidth, onTheLeft: true) + " " + mark
            let dots = canvas.text(row: row)
            let trimmed = dots.lastIndex { $0 != " " }.map { String(dots[...$0]) } ?? ""
            return Tone.faint.paint(left, colours: colours) + Tone.line.paint(trimmed, colours: colours)
        }
        let times = TimeAxis(from: start, to: end, columns: columns, clock: clock, texts: texts)
        var ruler = [Character](repeating: utf8 ? "─" : "-", count: columns)
        var below = ""
        for tick in times.ticks {
            ruler[tick.column] = utf8 ? "┬" : "+"
            below += String(repeating: " ", count: max(0, tick.labelColumn - DisplayWidth.of(below))) + tick.label
        }
        let indent = String(repeating: " ", count: labelWidth + 1)
        lines.append(Tone.faint.paint(indent + (utf8 ? "└" : "+") + String(ruler), colours: colours))
        if !below.isEmpty { lines.append(Tone.faint.paint(indent + " " + below, colours: colours)) }
        return lines
    }

    /// Each point as a stroke from its least to its greatest value, joined by a line through the means; nothing where
    /// readings are missing.
    private func draw(_ points: [HistoryPoint], _ axis: ValueAxis, on canvas: inout DotCanvas) {
        let span = Double(max(1, end.milliseconds(since: start)))
        let longestJoin = longestJoin(points)
        var before: (time: Timestamp, x: Int, y: Int)?
        for point in points {
            let fraction = Double(point.time.milliseconds(since: start)) / span
            let x = Chart.dot(fraction, of: canvas.width)
            let y = Chart.dot(1 - axis.fraction(point.mean), of: canvas.height)
            canvas.line(
                fromX: x, y: Chart.dot(1 - axis.fraction(point.least), of: canvas.height),
                toX: x, y: Chart.dot(1 - axis.fraction(point.greatest), of: canvas.height))
            if let before, point.time.milliseconds(since: before.time) <= longestJoin {
                canvas.line(fromX: before.x, y: before.y, toX: x, y: y)
            }
            before = (point.time, x, y)
        }
    }

    /// Two points belong together if they are no further apart than two and a half times what is usual for this sensor:
    /// one that speaks once an hour has no gaps at steps of ten minutes.
    private func longestJoin(_ points: [HistoryPoint]) -> Int64 {
        let distances = zip(points, points.dropFirst()).map { $1.time.milliseconds(since: $0.time) }.sorted()
        let usual = distances.isEmpty ? 0 : distances[distances.count / 2]
        let (join, overflow) = (usual / 2).multipliedReportingOverflow(by: 5)
        return max(step / 2 * 3, overflow ? .max : join)
    }

    /// The dot at `fraction` of `count` dots, clamped.
    private static func dot(_ fraction: Double, of count: Int) -> Int {
        let position = (fraction * Double(count - 1)).rounded()
        return position > 0 ? Int(min(position, Double(count - 1))) : 0
    }

    /// Least, mean, greatest and last value, then step and zone; broken between the parts where the width is small.
    private func summary(
        _ points: [HistoryPoint], _ axis: ValueAxis, least: Double, greatest: Double, width: Int
    ) -> [String] {
        let count = points.reduce(0.0) { $0 + Double($1.count) }
        let mean = points.reduce(0.0) { $0 + $1.mean * (Double($1.count) / count) }
        // A mean has as many digits as one computes; two more than the axis shows are enough.
        let rounded = axis.decimals.map { NumberText.rounded(mean, decimals: $0 + 2) } ?? mean
        let lowest = points.first { $0.least == least }?.time
        let highest = points.first { $0.greatest == greatest }?.time
        func at(_ time: Timestamp?) -> String { time.map { " (\(clock.shortest($0)))" } ?? "" }
        var values = [
            texts(.least) + " " + UnitText.value(least, unit: unit) + at(lowest),
            texts(.mean) + " " + UnitText.value(rounded, unit: unit),
            texts(.greatest) + " " + UnitText.value(greatest, unit: unit) + at(highest),
        ]
        if let last = points.last { values.append(texts(.last) + " " + UnitText.value(last.last, unit: unit)) }
        let range = clock.dateAndTime(start) + " – " + clock.dateAndTime(end)
        let frame = [
            range, texts(.stepOf(milliseconds: step)),
            clock.zoneText(at: end),
        ]
        return Chart.wrapped(values, width: width) + Chart.wrapped(frame, width: width)
    }

    private static func wrapped(_ parts: [String], width: Int) -> [String] {
        parts.reduce(into: [String]()) { lines, part in
            if let line = lines.last, DisplayWidth.of(line) + 3 + DisplayWidth.of(part) <= width {
                lines[lines.count - 1] = line + " · " + part
            } else {
                lines.append(part)
            }
        }
    }
}
