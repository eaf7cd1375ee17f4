import ArgumentParser

/// How the daemon is reached.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: "The daemon's query socket. (default: $QUANTRAC_SOCKET or /run/quantrac/query.sock)", completion: .file())
    var socket: String?

    @Option(help: "Ask over TCP instead, such as http://127.0.0.1:8420.")
    var url: String?

    @Option(help: "A file with the token for --url.", completion: .file())
    var tokenFile: String?

    @Option(name: .customLong("lang"), help: "Language, en or vi. (default: from the environment)")
    var language: Language?

    func validate() throws {
        if socket != nil, url != nil { throw ValidationError("--socket and --url exclude each other.") }
    }
}

/// How a result is printed.
struct FormatOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument { case table, json, jsonl, csv }
    enum TableFormat { case table, json, csv }
    enum LineFormat: String { case jsonl, csv }

    @Option(help: "table for people, json or csv for programs; export writes jsonl or csv. (default: table, jsonl)")
    var format: Format?

    /// The format of a command that prints a table.
    func forTable() throws(ClientError) -> TableFormat {
        switch format {
        case nil, .table: .table
        case .json: .json
        case .csv: .csv
        case .jsonl: throw .badFormat("jsonl", allowed: ["table", "json", "csv"])
        }
    }

    /// The format of a command that streams lines.
    func forLines() throws(ClientError) -> LineFormat {
        switch format {
        case nil, .json, .jsonl: .jsonl
        case .csv: .csv
        case .table: throw .badFormat("table", allowed: ["jsonl", "csv"])
        }
    }
}

extension Language: ExpressibleByArgument {}
