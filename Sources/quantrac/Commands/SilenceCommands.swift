import ArgumentParser
import Foundation
import QueryAPI

extension AlertsCommand {
    /// Who wishes not to hear of something, and why.
    struct Wish: ParsableArguments {
        @Option(help: "Who says so. (default: $USER)")
        var by: String?

        @Option(help: "Why, for the others.")
        var comment: String?

        @Option(help: "Only alerts of this household.")
        var household: String?

        var parameters: [(name: String, value: String)] {
            let who = by ?? ProcessInfo.processInfo.environment["USER"]
            return [("by", who), ("comment", comment), ("household", household)].compactMap { name, value in
                value.map { (name, $0) }
            }
        }
    }

    /// Asks for silences and prints what was made.
    private static func make(
        _ path: String, _ form: [(name: String, value: String)], _ session: Session, _ format: FormatOptions.TableFormat
    ) async throws {
        let made = try await session.client.get(path, form: form, as: [SilenceReport].self, warn: session.warn)
        try show(made, session, format) { try session.print($0.made()) }
    }

    private static func show(
        _ silences: [SilenceReport], _ session: Session, _ format: FormatOptions.TableFormat,
        table: (SilencesPage) throws -> Void
    ) throws {
        let page = SilencesPage(silences: silences, texts: session.texts, clock: session.clock)
        switch format {
        case .table: try table(page)
        case .json: try session.printJSON(silences)
        case .csv: try session.printCSV(page.csv())
        }
    }

    /// Milliseconds would be understood by the daemon as well, but a mistake is better told before it is asked.
    private static func duration(_ text: String) throws -> (name: String, value: String) {
        guard DurationText.milliseconds(text) != nil else {
            throw ValidationError("--for must be a time such as 30m, 2h or 7d, not '\(text)'.")
        }
        return ("for", text)
    }

    struct Silence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "silence", abstract: "Tell nobody of some alerts for a while.",
            discussion: """
                MATCHER is a name, or a condition on a label such as 'device="freezer"' or 'room=~"attic|cellar"'; of several all \
                must be met. What still fires at the end is told then. The end of what was told before is told all the same.
                """)

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions
        @OptionGroup var wish: Wish

        @Argument(help: ArgumentHelp("Which alerts.", valueName: "matcher"))
        var matchers: [String]

        @Option(name: .customLong("for"), help: "How long, such as 2h.")
        var duration: String

        func run() async throws {
            let length = try AlertsCommand.duration(duration)
            try await Session.run(connection) { session in
                let conditions = matchers.map { text in
                    (
                        name: "matcher",
                        value: text.contains(where: { "=~!".contains($0) }) ? text : "alertname=\(Silence.quoted(text))"
                    )
                }
                try await AlertsCommand.make(
                    "/api/v1/silences", conditions + [length] + wish.parameters, session, try output.forTable())
            }
        }

        static func quoted(_ text: String) -> String {
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
    }

    struct Snooze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "snooze", abstract: "Let an alert ring again later, if it still fires then.")

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions
        @OptionGroup var wish: Wish

        @Argument(help: "The alert's name, or the fingerprint of a single one.")
        var alert: String

        @Option(name: .customLong("for"), help: "How long.")
        var duration = "1h"

        func run() async throws {
            let length = try AlertsCommand.duration(duration)
            try await Session.run(connection) { session in
                try await AlertsCommand.make(
                    "/api/v1/silences", [("kind", "snooze"), ("alert", alert), length] + wish.parameters, session,
                    try output.forTable())
            }
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "acknowledge",
            abstract: "Say that you look after an alert: nobody is told of it again, nor the next one, until it ends.",
            aliases: ["ack"])

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions
        @OptionGroup var wish: Wish

        @Argument(help: "The alert's name, or the fingerprint of a single one.")
        var alert: String

        func run() async throws {
            try await Session.run(connection) { session in
                try await AlertsCommand.make(
                    "/api/v1/alerts/acknowledge", [("alert", alert)] + wish.parameters, session, try output.forTable())
            }
        }
    }

    struct Silences: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "silences", abstract: "What people do not want to hear of: by whom, and until when.")

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions

        @Option(help: "Only this household's.")
        var household: String?

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                let silences = try await session.client.get(
                    "/api/v1/silences", query: household.map { [("household", $0)] } ?? [], as: [SilenceReport].self,
                    warn: session.warn)
                try AlertsCommand.show(silences, session, format) { page in
                    if silences.isEmpty {
                        session.note(session.texts(MuteText.noSilences))
                    } else {
                        try session.print(page.table())
                    }
                }
            }
        }
    }

    struct Unsilence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unsilence", abstract: "End a silence, a snooze or an acknowledgement before its time.")

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions

        @Argument(help: "Its number, as 'quantrac alerts silences' shows it.")
        var id: Int64

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                let ended = try await session.client.delete("/api/v1/silences/\(id)", as: SilenceReport.self)
                try AlertsCommand.show([ended], session, format) { _ in
                    try session.print([
                        PlainText.neutralised(
                            session.texts(MuteText.ended(id: "\(id)", what: SilencesPage.conditions(ended))))
                    ])
                }
            }
        }
    }
}
