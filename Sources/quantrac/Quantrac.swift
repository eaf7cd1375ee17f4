import ArgumentParser

/// The command-line client.
@main
struct Quantrac: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "quantrac",
        abstract: "Asks quantracd for the history of your sensors.",
        usage: "quantrac <subcommand> [--socket <socket> | --url <url>] [--format <format>] [--lang <lang>]",
        discussion: """
            The commands share --socket, --url, --token-file, --format and --lang, which may also stand before the command.

            Exit codes: 0 all is well, 1 something is degraded or failed, 2 the daemon cannot be reached, \
            64 the command line is wrong.
            """,
        version: version,
        subcommands: [
            StatusCommand.self, DevicesCommand.self, LatestCommand.self, HistoryCommand.self, EnergyCommand.self,
            QueryCommand.self, AlertsCommand.self, RulesCommand.self, DecodeCommand.self, ExportCommand.self,
            ImportCommand.self,
            PlanCommand.self, RefusedCommand.self, BackupCommand.self, RestoreCommand.self, StoreCommand.self,
        ])

    static func main() async {
        await main(SharedOptions.behindTheCommand(Array(CommandLine.arguments.dropFirst())))
    }
}
