import ArgumentParser
import QueryAPI

struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Each device: name, convention, last seen, battery, signal, metrics.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Option(help: "Only the devices of this household.")
    var household: String?

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            let devices = try await session.devices(household: household)
            let page = DevicesPage(devices: devices, texts: session.texts, clock: session.clock)
            switch format {
            case .table where devices.isEmpty: session.note(session.texts(.noDevices))
            case .table: try session.print(page.devicesTable())
            case .json: try session.printJSON(devices)
            case .csv: try session.printCSV(page.devicesCSV())
            }
        }
    }
}
