import ArgumentParser
import Foundation

struct AlertsBenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "What rules cost, how soon a notice is out, and how well anomalies are found.",
        discussion: "Sources/Benchmarks/README.md says what each row means.")

    @Option(
        parsing: .upToNextOption,
        help: "Only these rows: \(AlertsBenchmark.Rows.allCases.map(\.rawValue).joined(separator: ", ")).")
    var rows: [AlertsBenchmark.Rows] = []

    @Flag(help: "A tenth of the series, and no figure that is worth a quotation.")
    var quick = false

    @Option(help: "A directory with tables of real sensors (.csv, .csv.zst); ../shared/data, if that is there.")
    var data: String?

    @Option(help: "A checkout of https://github.com/numenta/NAB: its data and labels are read.")
    var nab: String?

    @Option(help: "Of what 'try' tries: a directory with rule files.")
    var rules = "config/rules.d"

    @Option(parsing: .upToNextOption, help: "Of what 'try' tries only rules whose names contain one of these.")
    var only: [String] = []

    @Option(parsing: .upToNextOption, help: "With how many series 'try' tries them.")
    var series = [20, 200]

    @Option(help: "Where the faults lie follows from this number.")
    var seed: UInt64 = 1

    @Option(help: "Where the temporary directory is made.")
    var directory = "/var/tmp"

    @Option(help: "table, or json: one object a row.")
    var format = ResultPrinter.Format.table

    func validate() throws {
        for directory in [data, nab, directory].compactMap({ $0 }) { try ensureDirectory(directory) }
    }

    func run() throws {
        let options = AlertsBenchmark.Options(
            rows: rows.isEmpty ? Set(AlertsBenchmark.Rows.allCases) : Set(rows), quick: quick,
            data: data ?? usualData, nab: nab, seed: seed, rules: rules, only: only, series: series,
            directory: directory, format: format)
        guard AlertsBenchmark(options: options).run() else { throw ExitCode.failure }
    }
}

/// - Throws: what is printed, unless `path` is a directory.
func ensureDirectory(_ path: String) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue
    else { throw ValidationError("\(path) is not a directory.") }
}

/// Where tables of real sensors are if no option tells; nil if they are not there.
var usualData: String? {
    let usual = (ProcessInfo.processInfo.environment["QUANTRAC_CASES"] ?? "../shared") + "/data"
    return FileManager.default.fileExists(atPath: usual) ? usual : nil
}
