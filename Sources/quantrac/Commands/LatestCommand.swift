import ArgumentParser
import QueryAPI

struct LatestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latest", abstract: "The newest value of each metric, with unit and age.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(
        help:
            "Only this device: its identifier, its name, an unmistakable part of one, or its room; several words need no quotes."
    )
    var device: [String] = []

    @Option(help: "Only the devices of this household.")
    var household: String?

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            var devices = try await session.devices(household: household)
            if !device.isEmpty {
                devices = [try session.device(device.joined(separator: " "), among: devices)]
            }
            let page = DevicesPage(devices: devices, texts: session.texts, clock: session.clock)
            switch format {
            case .table:
                let table = page.latestTable()
                if table.rows.isEmpty { session.note(session.texts(devices.isEmpty ? .noDevices : .noValues)) }
                if !table.rows.isEmpty { try session.print(table) }
            case .json: try session.printJSON(page.latest())
            case .csv: try session.printCSV(page.latestCSV())
            }
        }
    }
}
