import ArgumentParser
import QueryAPI

/// `quantrac refused`: messages that yielded no reading, and a second try with them.
struct RefusedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refused", abstract: "Messages that yielded no reading, why, and a second try.",
        usage: """
            quantrac refused [--reason <reason>] [--topic <topic>] [--limit <limit>]
            quantrac refused replay [--reason <reason>] [--topic <topic>]
            """,
        subcommands: [List.self, Replay.self], defaultSubcommand: List.self)

    struct Selection: ParsableArguments {
        @Option(help: "Only those refused for this reason, such as not_json.")
        var reason: String?

        @Option(help: "Only those on topics that match, with + and # as in MQTT.")
        var topic: String?

        var parameters: [(name: String, value: String)] {
            [("reason", reason), ("topic", topic)].compactMap { name, value in value.map { (name, $0) } }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "The newest refused messages. (default)",
            discussion: """
                The daemon keeps the newest of each topic and reason, as many as find room in its share of the disk budget.
                """)

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions
        @OptionGroup var selection: Selection

        @Option(help: "How many to show at most.")
        var limit = 50

        @Option(help: "Bytes of each payload to show at most.")
        var payload = 256

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                let report = try await session.client.get(
                    "/api/v1/refused",
                    query: selection.parameters + [("limit", "\(limit)"), ("payload", "\(payload)")],
                    as: RefusedReport.self, warn: session.warn)
                let page = RefusedPage(report: report, texts: session.texts, clock: session.clock)
                switch format {
                case .table where report.messages.isEmpty:
                    session.note(session.texts(report.kept == 0 ? .nothingRefused : .noneMatches(kept: report.kept)))
                case .table:
                    try session.print(page.table())
                    session.note(
                        session.texts(
                            .shownOf(shown: report.messages.count, matching: report.matching, kept: report.kept)))
                case .json: try session.printJSON(report)
                case .csv: try session.printCSV(page.csv())
                }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay", abstract: "Read the refused messages again, as if they came now.",
            discussion: """
                After an update, or a change of the configuration, messages may be understood that were not before. Their \
                readings get the times at which they came. Those that are understood are kept no longer; the others stay. \
                Given twice it stores nothing twice.
                """)

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions
        @OptionGroup var selection: Selection

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                var sum = ReplayReport(
                    messages: 0, understood: 0, readings: 0, duplicates: 0, tooOld: 0, refused: [:], cut: 0, next: 0)
                while let next = sum.next {
                    sum += try await session.client.post(
                        "/api/v1/refused/replay", parameters: selection.parameters + [("from", "\(next)")], body: [],
                        as: ReplayReport.self)
                }
                switch format {
                case .table: try session.print([session.texts(.replayed(sum))])
                case .json: try session.printJSON(sum)
                case .csv: try session.printCSV(CSV.lines(["name", "value"], RefusedPage.rows(sum)))
                }
            }
        }
    }
}

extension ReplayReport {
    fileprivate static func += (sum: inout ReplayReport, other: ReplayReport) {
        sum.messages += other.messages
        sum.understood += other.understood
        sum.readings += other.readings
        sum.duplicates += other.duplicates
        sum.tooOld += other.tooOld
        sum.refused.merge(other.refused, uniquingKeysWith: +)
        sum.cut += other.cut
        sum.next = other.next
    }
}
