import ArgumentParser
import Foundation

/// `quantrac-bench`: what the parts can do, each beside a baseline that is measured in the same run.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantrac-bench",
        abstract: "Measures decoding, ingest, store, queries and alerts, each beside a baseline of the same run.",
        discussion: "Numbers mean something on a quiet machine and in a release build only.",
        subcommands: [
            AllBenchmarksCommand.self, DecodeBenchmarkCommand.self, IngestBenchmarkCommand.self,
            StoreBenchmarkCommand.self, QueryBenchmarkCommand.self, AlertsBenchmarkCommand.self,
            BareSubscriberCommand.self, StoreChildCommand.self,
        ],
        defaultSubcommand: AllBenchmarksCommand.self)
}

struct AllBenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "Everything, one after the other.")

    func run() throws {
        try DecodeBenchmarkCommand.parse([]).run()
        print()
        try IngestBenchmarkCommand.parse([]).run()
        print()
        try StoreBenchmarkCommand.parse([]).run()
        print()
        try QueryBenchmarkCommand.parse([]).run()
        print()
        try AlertsBenchmarkCommand.parse([]).run()
    }
}

struct DecodeBenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Messages of known devices into readings, against a bare pass over their bytes.")

    @Option(help: "Devices of each kind.")
    var devices = 2_000

    @Option(help: "Passes over the messages; medians are printed.")
    var repetitions = 9

    @Option(help: "Only kinds of messages whose names have this in them, such as Tasmota.")
    var only = ""

    @Option(help: "table, or json: one object a row.")
    var format = ResultPrinter.Format.table

    func validate() throws {
        guard (1...8_000).contains(devices) else { throw ValidationError("--devices must be from 1 to 8000.") }
        guard (1...1_000).contains(repetitions) else {
            throw ValidationError("--repetitions must be from 1 to 1000.")
        }
    }

    func run() throws {
        DecodeBenchmark(
            options: .init(devices: devices, repetitions: repetitions, only: only, format: format)
        ).run()
    }
}

struct IngestBenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Durable MQTT ingest against a bare subscriber that only counts.")

    @Option(help: "Messages a repetition.")
    var messages = 200_000

    @Option(help: "Repetitions; medians are printed.")
    var repetitions = 3

    @Option(help: "Devices of the simulated household.")
    var devices = 50

    func validate() throws {
        guard (1_000...2_000_000).contains(messages) else {
            throw ValidationError("--messages must be from 1000 to 2000000.")
        }
        guard (1...100).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 100.") }
        guard (1...10_000).contains(devices) else { throw ValidationError("--devices must be from 1 to 10000.") }
    }

    func run() throws {
        try IngestBenchmark(messages: messages, repetitions: repetitions, devices: devices).run()
    }
}

struct StoreBenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Size and speed of the store, beside baselines and VictoriaMetrics where it is installed.",
        discussion: """
            All rows take about ten minutes, and 10 GiB of disk in a temporary directory (27 GiB with --large).
            Sources/Benchmarks/README.md says what each row means.
            """)

    @Option(
        parsing: .upToNextOption,
        help: "Only these rows: \(StoreBenchmark.Rows.allCases.map(\.rawValue).joined(separator: ", ")).")
    var rows: [StoreBenchmark.Rows] = []

    @Flag(help: "A tenth of the readings, and no figure that is worth a quotation.")
    var quick = false

    @Flag(help: "Also a full ring of 16 GiB.")
    var large = false

    @Option(help: "A directory with tables of real sensors (.csv, .csv.zst); ../shared/data, if that is there.")
    var data: String?

    @Option(help: "Where the temporary directory is made: on the disk that is to be measured.")
    var directory = "/var/tmp"

    @Option(help: "table, or json: one object a row.")
    var format = ResultPrinter.Format.table

    func validate() throws {
        for directory in [data, directory].compactMap({ $0 }) { try ensureDirectory(directory) }
    }

    func run() throws {
        let options = StoreBenchmark.Options(
            rows: rows.isEmpty ? Set(StoreBenchmark.Rows.allCases) : Set(rows), quick: quick, large: large,
            data: data ?? usualData, directory: directory,
            format: format)
        guard try StoreBenchmark(options: options).run() else { throw ExitCode.failure }
    }
}

struct QueryBenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Answers of the daemon over HTTP, beside VictoriaMetrics, Prometheus and InfluxDB.",
        discussion: "All rows take about twenty minutes; a peer that is not installed is left out.")

    @Option(
        parsing: .upToNextOption,
        help: "Only these rows: \(QueryBenchmark.Rows.allCases.map(\.rawValue).joined(separator: ", ")).")
    var rows: [QueryBenchmark.Rows] = []

    @Flag(help: "A tenth of the readings, and no figure that is worth a quotation.")
    var quick = false

    @Option(help: "Where the temporary directory is made.")
    var directory = "/var/tmp"

    @Option(help: "table, or json: one object a row.")
    var format = ResultPrinter.Format.table

    func run() throws {
        let options = StoreBenchmark.Options(rows: [], quick: quick, directory: directory, format: format)
        let rows = rows.isEmpty ? Set(QueryBenchmark.Rows.allCases) : Set(rows)
        guard try QueryBenchmark(options: options, rows: rows).run() else { throw ExitCode.failure }
    }
}

extension StoreBenchmark.Rows: ExpressibleByArgument {}

extension QueryBenchmark.Rows: ExpressibleByArgument {}

extension ResultPrinter.Format: ExpressibleByArgument {}
