import ArgumentParser
import QueryAPI
import Readings

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "A metric of a device over time: a chart on a terminal, a table otherwise.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(help: "The device: its identifier, its name, an unmistakable part of one, or its room.")
    var device: String

    @Argument(help: "The metric, or an unmistakable part of its name; several words need no quotes.")
    var metric: [String]

    @Option(help: "From when: 24h, 7d, 'today', '2026-11-23 14:00', RFC 3339 or seconds.")
    var since = "24h"

    @Option(help: "Until when; the last step is shown whole. (default: now)")
    var until: String?

    @Option(help: "Between two points, such as 5m. (default: what fits the width)")
    var step: String?

    @Option(help: "The household, where several have such a device.")
    var household: String?

    func run() async throws {
        try await Session.run(connection) { session in
            let start = try session.instant("--since", since)
            let end =
                try until.map { text throws(ClientError) in try session.instant("--until", text) } ?? session.clock.now
            let format = try output.forTable()
            let isChart = format == .table && session.terminal.isTTY
            // Braille has two dots in a column.
            let points = isChart ? 2 * Chart.plotColumns(width: session.terminal.width) : 80
            let steps = try session.steps(from: start, to: end, points: points, step: step)
            let wanted = metric.joined(separator: " ")
            let device = try session.device(
                device, among: try await session.devices(household: household), measuring: wanted)
            let metric = try session.metric(wanted, of: device)
            let page = try await page(device, metric, steps, session)
            let isEmpty = page.series.allSatisfy(\.points.isEmpty)
            if isEmpty { noteNewest(device, metric, session) }
            switch format {
            case .table where isEmpty: break
            case .table where isChart: try session.print(page.charts(session.terminal))
            case .table: try session.print(page.table())
            case .json: try session.printJSON(page.reports())
            case .csv: try session.printCSV(page.csv())
            }
        }
    }

    private func page(
        _ device: DeviceReport, _ metric: String, _ steps: HistorySteps, _ session: Session
    ) async throws -> HistoryPage {
        let selector = SeriesSelector.text(
            metric: metric,
            labels: [(LabelName.device, device.device), (LabelName.household, device.household)])
        let reports = try await session.client.get(
            "/api/v1/history",
            form: [
                // The API's range holds its start, which is of the step before.
                ("match[]", selector), ("start", steps.start.advanced(byMilliseconds: 1).rfc3339),
                ("end", steps.end.rfc3339),
                ("step", NumberText.exact(Double(steps.step) / 1000)), ("origin", steps.start.rfc3339),
            ], as: [HistoryReport].self, warn: session.warn, inform: { _ in })
        // The daemon informs of it, too, in English.
        if let end = reports.compactMap({ $0.endOfLongerSteps(than: steps.step) }).max() {
            session.warn(session.texts(.longerStepsBefore(session.clock.dateAndTime(end))))
        }
        let own = [LabelName.metric, LabelName.household, LabelName.device]
        let series = reports.map { one in
            HistoryPage.Series(
                labels: one.metric.filter { !own.contains($0.key) }, unit: one.unit,
                points: [HistoryPoint](one, steps: steps))
        }
        let nothing = HistoryPage.Series(labels: [:], unit: nil, points: [])
        return HistoryPage(
            household: device.household, device: device.device, deviceName: device.name ?? device.device,
            metric: metric, series: series.isEmpty ? [nothing] : series, steps: steps, texts: session.texts,
            clock: session.clock)
    }

    /// An empty range is no error, but worth a word: the readings may be elsewhere.
    private func noteNewest(_ device: DeviceReport, _ metric: String, _ session: Session) {
        var note = session.texts(.noReadingsInRange)
        let times = device.metrics.filter { $0.metric == metric }.map(\.time)
        if let newest = times.compactMap({ InstantText.parse($0, clock: session.clock) }).max() {
            note += "; " + session.texts(.newestReading(session.clock.dateAndTime(newest)))
        }
        session.warn(note)
    }
}
