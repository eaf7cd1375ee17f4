import ArgumentParser
import QueryAPI
import Readings

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "What is firing or pending: since when, with which value, and who has been told.",
        subcommands: [
            List.self, Explain.self, Digest.self, Acknowledge.self, Snooze.self, Silence.self, Silences.self,
            Unsilence.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "What is firing or pending.")

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions

        private struct Groups: Codable, Sendable {
            var groups: [RuleGroupReport]
        }

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                // The rules carry their alerts: one answer, and so one moment, for alerts and broken rules.
                let groups = try await session.client.get("/api/v1/rules", as: Groups.self, warn: session.warn).groups
                // A daemon of an earlier version does not tell.
                let notices = try? await session.client.get(
                    "/api/v1/notices", as: NoticesReport.self, warn: session.warn)
                let page = AlertsPage(
                    groups: groups, channels: notices?.channels ?? [], texts: session.texts, clock: session.clock)
                let alerts = page.alerts
                switch format {
                case .table where alerts.isEmpty: try session.print([session.texts(.noAlerts(rules: page.ruleCount))])
                case .table: try session.print(page.table())
                case .json: try session.printJSON(alerts)
                case .csv: try session.printCSV(page.csv())
                }
                for line in page.brokenRules() + page.undelivered() { session.warn(line) }
            }
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Why an alert rings: its rule, the readings that made it, since when, and who has been told.")

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions

        @Argument(help: "The alert's name, as 'quantrac alerts' shows it.")
        var name: String

        @Option(help: "As it was then: 2h (ago), or 2026-01-31 14:00.")
        var at: String?

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                let moment = try at.map { text throws(ClientError) in try session.instant("--at", text) }
                let found = try await session.client.get(
                    "/api/v1/alerts/explain",
                    form: [("name", name)] + (moment.map { [("time", $0.rfc3339)] } ?? []),
                    as: [AlertExplanation].self, warn: session.warn)
                let page = ExplanationPage(explanations: found, texts: session.texts, clock: session.clock)
                switch format {
                case .table: try session.print(page.lines(session.terminal))
                case .json: try session.printJSON(found)
                case .csv: try session.printCSV(page.csv())
                }
            }
        }
    }
}
