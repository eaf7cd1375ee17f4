import ArgumentParser
import QueryAPI

extension AlertsCommand {
    struct Digest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "digest", abstract: "What the next digest of each channel would say now.",
            discussion: """
                A channel has one if alerts.notify says 'digest: "07:00"' of it: once a day it tells what fired and for how long, \
                what was held back, which devices are silent, or that all is well.
                """)

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions

        @Option(help: "Only what concerns this household.")
        var household: String?

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                let digests = try await session.client.get(
                    "/api/v1/alerts/digest", query: household.map { [("household", $0)] } ?? [],
                    as: [DigestReport].self, warn: session.warn)
                let page = DigestsPage(digests: digests, texts: session.texts, clock: session.clock)
                switch format {
                case .table where digests.isEmpty:
                    session.note(session.texts(household.map { .noDigestOf(household: $0) } ?? DigestText.noDigests))
                case .table: try session.print(page.lines())
                case .json: try session.printJSON(digests)
                case .csv: try session.printCSV(page.csv())
                }
            }
        }
    }
}
