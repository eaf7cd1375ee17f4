import ArgumentParser
import Readings

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Evaluates a PromQL expression.",
        discussion: "With --since over a range, which ends at --at; without it at one instant.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(help: "Such as 'temperature{device=\"freezer\"} > -15'.")
    var expression: String

    @Option(help: "When: 10m ago, 'yesterday', '2026-11-23 14:00', RFC 3339 or seconds. (default: now)")
    var at: String?

    @Option(help: "Over a range that begins then, such as 24h.")
    var since: String?

    @Option(help: "Between two values of a range, such as 5m. (default: about a hundred values)")
    var step: String?

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            let data = try await session.client.get(
                since == nil ? "/api/v1/query" : "/api/v1/query_range", form: try parameters(session),
                as: QueryData.self, warn: session.warn)
            let page = QueryPage(data: data, texts: session.texts, clock: session.clock)
            switch format {
            case .table:
                let table = page.table()
                if table.rows.isEmpty { session.note(session.texts(.emptyResult)) }
                if !table.rows.isEmpty { try session.print(table) }
            case .json: try session.printJSON(data)
            case .csv: try session.printCSV(page.csv())
            }
        }
    }

    private func parameters(_ session: Session) throws(ClientError) -> [(name: String, value: String)] {
        let end = try at.map { text throws(ClientError) in try session.instant("--at", text) } ?? session.clock.now
        guard let since else {
            guard step == nil else { throw .stepWithoutSince }
            return [("query", expression), ("time", end.rfc3339)]
        }
        let start = try session.instant("--since", since)
        let steps = try session.steps(from: start, to: end, points: 100, step: step)
        return [
            ("query", expression), ("start", start.rfc3339), ("end", end.rfc3339),
            ("step", NumberText.exact(Double(steps.step) / 1000)),
        ]
    }
}
