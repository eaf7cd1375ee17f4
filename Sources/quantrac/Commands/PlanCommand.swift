import ArgumentParser
import QueryAPI

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "What the disk budget holds, before it is full: how far back, at today's rate.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            let report = try await session.client.get("/api/v1/status", as: StatusReport.self, warn: session.warn)
            let page = PlanPage(
                tiers: report.store.plan ?? [], budgetBytes: report.store.diskBudgetBytes, texts: session.texts,
                clock: session.clock)
            switch format {
            case .table:
                try session.print([page.heading, ""])
                try session.print(page.table)
            case .json: try session.printJSON(page.tiers)
            case .csv: try session.printCSV(page.csv)
            }
        }
    }
}
