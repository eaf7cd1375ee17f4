import ArgumentParser
import ConfigurationFile
import Energy
import Foundation
import QueryAPI
import Readings

struct EnergyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "energy",
        abstract: "What a counter of energy, water or gas says was consumed each hour, day or month, and the bill.",
        discussion: """
            Resets, replaced meters, wrong readings and gaps are told apart, and what was assumed is told below the table. \
            A tariff is a file like config/tariffs/vietnam-household.yaml: stepped prices with the days from which they count.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(
        help:
            "The device: its identifier, its name, an unmistakable part of one, or its room; several words need no quotes."
    )
    var device: [String]

    @Option(help: "hour, day or month.")
    var by: PeriodKind = .day

    @Option(help: "From when, as in history; periods are whole. (default: 24h, 30d or 365d)")
    var since: String?

    @Option(help: "Until when. (default: now)")
    var until: String?

    @Option(help: "The counter: a metric, a part of its name, or 'energy{phase=\"a\"}'. (default: the one that fits)")
    var metric: String?

    @Option(help: "A file with prices: the bill of each month is told, too.", completion: .file())
    var tariff: String?

    @Option(help: "The household, where several have such a device.")
    var household: String?

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            let tariff = try readTariff()
            let start = try session.instant("--since", since ?? EnergyCommand.usualRange(by))
            let end =
                try until.map { text throws(ClientError) in try session.instant("--until", text) } ?? session.clock.now
            guard start < end else {
                throw ClientError.emptyRange(
                    since: session.clock.dateAndTime(start), until: session.clock.dateAndTime(end))
            }
            let device = try session.device(
                device.joined(separator: " "), among: try await session.devices(household: household))
            let metric = try self.metric.map { name throws(ClientError) in
                name.contains("{") ? name : try session.metric(name, of: device)
            }
            let report = try await report(device, metric, by, start, end, session)
            var bills: MonthlyBills?
            if let tariff {
                let months =
                    by == .month ? report : try await self.report(device, metric, .month, start, end, session)
                bills = try MonthlyBills(months, tariff, clock: session.clock)
            }
            let page = EnergyPage(
                report: report, deviceName: device.name ?? device.device, bills: bills, texts: session.texts,
                clock: session.clock, terminal: session.terminal)
            switch format {
            case .table: try session.print(page.lines())
            case .json: try session.printJSON(page.json)
            case .csv: try session.printCSV(page.csv)
            }
        }
    }

    private func report(
        _ device: DeviceReport, _ metric: String?, _ by: PeriodKind, _ start: Timestamp, _ end: Timestamp,
        _ session: Session
    ) async throws -> EnergyReport {
        var form = [
            (name: "device", value: device.device), (name: "household", value: device.household),
            (name: "by", value: by.rawValue), (name: "start", value: start.rfc3339),
            (name: "end", value: end.rfc3339), (name: "zone", value: session.clock.zone.identifier),
        ]
        if let metric { form.append((name: "metric", value: metric)) }
        return try await session.client.get("/api/v1/energy", form: form, as: EnergyReport.self, warn: session.warn)
    }

    private func readTariff() throws(ClientError) -> Tariff? {
        guard let path = tariff else { return nil }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .fileUnreadable(path: path, reason: error.localizedDescription)
        }
        do {
            return try TariffReader.tariff(in: text, named: path)
        } catch {
            throw .badTariff(error.description)
        }
    }

    private static func usualRange(_ by: PeriodKind) -> String {
        switch by {
        case .hour: "24h"
        case .day: "30d"
        case .month: "365d"
        }
    }
}

extension PeriodKind: ExpressibleByArgument {}
