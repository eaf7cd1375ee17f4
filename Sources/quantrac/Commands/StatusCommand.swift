import ArgumentParser
import QueryAPI

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How the daemon is: broker, store, intake, alerts.",
        discussion: "Exits with 0 if all is well, 1 if something is degraded, 2 if the daemon cannot be reached.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            let report = try await session.client.get("/api/v1/status", as: StatusReport.self, warn: session.warn)
            switch format {
            case .table:
                let page = StatusPage(
                    report: report, texts: session.texts, clock: session.clock, terminal: session.terminal)
                try session.print(page.lines())
            case .json: try session.printJSON(report)
            case .csv: try session.printCSV(StatusCSV.lines(report))
            }
            if !report.healthy { throw ExitCode.failure }
        }
    }
}
