import ArgumentParser

/// `quantrac-bench`: what the parts can do, each beside a baseline that is measured in the same run.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantrac-bench",
        abstract: "Measures ingest and store, each beside a baseline of the same run.",
        discussion: "Numbers mean something on a quiet machine and in a release build only.",
        subcommands: [
            AllBenchmarksCommand.self, IngestBenchmarkCommand.self, StoreBenchmarkCommand.self,
            BareSubscriberCommand.self,
        ],
        defaultSubcommand: AllBenchmarksCommand.self)
}

struct AllBenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "Everything, one after the other.")

    func run() throws {
        try IngestBenchmarkCommand.parse([]).run()
        print()
        try StoreBenchmarkCommand.parse([]).run()
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
        commandName: "store", abstract: "Append and scan of the store in process.")

    func run() throws {
        try storeBenchmark()
    }
}
