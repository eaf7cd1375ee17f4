import QueryAPI
import Readings

/// `quantrac energy`.
struct EnergyPage: Sendable {
    var report: EnergyReport
    /// The friendly name, or the identifier
    var deviceName: String
    /// If a tariff was given
    var bills: MonthlyBills?
    var texts: Texts
    var clock: LocalClock
    var terminal: Terminal

    /// A line for each period, with what was assumed below, and the bills.
    func lines() -> [String] {
        guard report.periods.contains(where: { $0.knownFrom != nil }) else { return [texts(.nothingKnown)] }
        let metric = (report.metric[LabelName.metric] ?? "") + SeriesName.suffix(ownLabels)
        let heading = texts(.heading(deviceName, metric: metric, by: texts(title)))
        var lines = [PlainText.neutralised(heading), ""]
        lines += table.lines(width: terminal.isTTY ? terminal.width : nil, colours: terminal.hasColours)
        let notes = footnotes
        if !notes.isEmpty { lines += [""] + notes.map(PlainText.neutralised) }
        if let bills { lines += BillPage(bills: bills, texts: texts, clock: clock, terminal: terminal).lines() }
        return lines
    }

    private var ownLabels: [String: String] {
        let identity = [LabelName.metric, LabelName.household, LabelName.device]
        return report.metric.filter { !identity.contains($0.key) }
    }

    private var title: EnergyText {
        switch report.by {
        case "hour": .hour
        case "month": .month
        default: .day
        }
    }

    // MARK: - Periods

    private var table: Table {
        let unit = UnitText.human(report.unit)
        var table = Table(columns: [
            .init(title: texts(title)), .init(title: unit.isEmpty ? texts(Text.value) : unit, isNumber: true),
            .init(title: ""), .init(title: texts(.note), shrinks: true),
        ])
        let greatest = report.periods.map(\.consumption).max() ?? 0
        var footnote = 0
        // What lies before the counter's first reading is no news.
        for period in report.periods.drop(while: { $0.knownFrom == nil }) {
            let known = period.knownFrom != nil
            let numbers = period.events.map { _ in
                footnote += 1
                return "[\(footnote)]"
            }
            table.rows.append([
                .init(label(period)), .init(known ? number(period.consumption) : "–"),
                .init(bar(period.consumption, greatest), .line),
                .init(
                    ([notes(period).joined(separator: ", ")] + numbers).filter { !$0.isEmpty }.joined(separator: " "),
                    .faint),
            ])
        }
        let total = report.periods.reduce(0) { $0 + $1.consumption }
        table.rows.append([
            .init(texts(.total), .strong), .init(number(total), .strong), .init(""), .init(""),
        ])
        return table.withoutEmptyColumns(keeping: 2)
    }

    private func label(_ period: EnergyReport.Period) -> String {
        guard let start = instant(period.start) else { return period.start }
        let text = clock.dateAndTime(start)
        switch report.by {
        case "hour": return text
        case "month": return String(text.prefix(7))
        default: return String(text.prefix(10))
        }
    }

    /// Only on a terminal; in eighths of a column where characters for that can be shown.
    private func bar(_ value: Double, _ greatest: Double) -> String {
        guard terminal.isTTY, greatest > 0, value > 0 else { return "" }
        let width = Double(max(8, min(40, terminal.width - 48)))
        guard terminal.isUTF8 else { return String(repeating: "#", count: Int((value / greatest * width).rounded())) }
        let eighths = Int((value / greatest * width * 8).rounded())
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + rest
    }

    private func notes(_ period: EnergyReport.Period) -> [String] {
        var notes: [String] = []
        if !period.complete {
            if let from = period.knownFrom, from != period.start { notes.append(texts(.knownFrom(time(from)))) }
            if let until = period.knownUntil, until != period.end { notes.append(texts(.soFar(until: time(until)))) }
            if period.knownFrom == nil { notes.append(texts(.unknown)) }
        }
        if period.estimated > 0 { notes.append(texts(.estimated(number(period.estimated)))) }
        if let step = period.foldedSeconds { notes.append(texts(.folded(texts.duration(seconds: step)))) }
        return notes
    }

    // MARK: - Notes

    private var footnotes: [String] {
        var lines: [String] = []
        var number = 0
        for period in report.periods {
            for event in period.events {
                number += 1
                lines.append("[\(number)] " + footnote(event))
            }
            if period.moreEvents > 0 { lines.append("    " + texts(.moreEvents(period.moreEvents))) }
        }
        let events = report.periods.flatMap(\.events)
        if events.contains(where: { $0.settled && ($0.kind == "reset" || $0.kind == "replacement") }) {
            lines.append(texts(.lossMeans))
        }
        if report.periods.contains(where: { $0.estimated > 0 }) { lines.append(texts(.estimateMeans)) }
        if report.periods.contains(where: { $0.foldedSeconds != nil }) { lines.append(texts(.foldedMeans)) }
        return lines
    }

    private func footnote(_ event: EnergyReport.Event) -> String {
        func value(_ value: Double) -> String { UnitText.value(value, unit: report.unit) }
        if event.kind == "gap" {
            return texts(
                .gap(from: time(event.before.time), until: time(event.after.time), amount: value(event.counted)))
        }
        return texts(
            .event(
                event.kind, when: time(event.after.time), from: value(event.before.value),
                to: value(event.after.value), isSettled: event.settled))
    }

    /// No more digits than a counter means: splitting makes many.
    private func number(_ value: Double) -> String {
        NumberText.readable(NumberText.rounded(value, decimals: 3))
    }

    private func instant(_ text: String) -> Timestamp? { InstantText.parse(text, clock: clock) }
    private func time(_ text: String) -> String { instant(text).map { clock.dateAndTime($0) } ?? text }

    // MARK: - For programs

    var csv: [String] {
        CSV.lines(
            [
                "start", "end", "household", "device", "metric", "unit", "consumption", "estimated", "complete",
                "known_from", "known_until", "first", "last", "events",
            ],
            report.periods.map { period in
                [
                    period.start, period.end, report.metric[LabelName.household] ?? "",
                    report.metric[LabelName.device] ?? "", report.metric[LabelName.metric] ?? "", report.unit ?? "",
                    period.knownFrom == nil ? "" : NumberText.exact(period.consumption),
                    NumberText.exact(period.estimated), "\(period.complete)", period.knownFrom ?? "",
                    period.knownUntil ?? "", period.first.map { NumberText.exact($0.value) } ?? "",
                    period.last.map { NumberText.exact($0.value) } ?? "",
                    period.events.map(\.kind).joined(separator: " "),
                ]
            })
    }

    /// The report, and the bills if there are any.
    var json: Report {
        Report(report: report, bills: bills?.reports)
    }

    /// The report with one key more.
    struct Report: Encodable, Sendable {
        var report: EnergyReport
        var bills: [MonthlyBills.Report]?

        private enum Key: CodingKey {
            case bills
        }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(bills, forKey: .bills)
        }
    }
}
