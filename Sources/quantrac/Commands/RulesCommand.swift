import Alerting
import ArgumentParser
import Foundation
import QueryAPI
import Readings

/// `quantrac rules`: rule files and their tests, without a daemon; and what rules would have done, with one.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Check rule files, run their tests, and try them on what is stored.",
        discussion: "Rule files and tests have the formats of Prometheus and its promtool.",
        subcommands: [Check.self, Expand.self, Test.self, Try.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say what is wrong in rule files, each mistake with its line.",
            discussion: """
                Exits with 0 if the daemon would take every file, 1 if not, 3 if it would and --lint-fatal finds something \
                to warn of.
                """)

        @Argument(help: "The rule files; standard input if there are none.", completion: .file())
        var files: [String] = []

        @Flag(help: "Let warnings, such as of rules that are there twice, count as failures.")
        var lintFatal = false

        @Flag(help: "If all is well, print the files as Prometheus would have them, with every short form expanded.")
        var expand = false

        @OptionGroup var options: RuleOptions

        func run() async throws {
            let session = LocalSession(language: options.language)
            try await session.explaining {
                let format = try options.output.forTable()
                var checked = files.isEmpty ? [standardInput()] : files.map(check)
                if !expand { for index in checked.indices { checked[index].expanded = nil } }
                let page = RuleCheckPage(files: checked, texts: session.texts)
                switch format {
                case .table where expand && !page.hasErrors:
                    try session.print(page.files.flatMap(\.expandedLines))
                    for warning in page.files.flatMap(\.warnings) { session.note(warning) }
                case .table: try session.print(page.lines())
                case .json: try session.printJSON(page.files)
                case .csv: try session.printCSV(page.csv())
                }
                if page.hasErrors { throw ExitCode.failure }
                if lintFatal, page.hasWarnings { throw ExitCode(3) }
            }
        }

        private func check(_ path: String) -> RuleCheckPage.File {
            RuleCheckPage.File(path) { () throws(RuleFileErrors) in
                try RuleFile.read(path, ignoresUnknownKeys: options.ignoreUnknownFields)
            }
        }

        private func standardInput() -> RuleCheckPage.File {
            let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
            return RuleCheckPage.File("-") { () throws(RuleFileErrors) in
                try RuleFile.parse(text, path: "-", ignoresUnknownKeys: options.ignoreUnknownFields)
            }
        }
    }

    struct Expand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "expand", abstract: "Print a rule file as Prometheus would have it, short forms expanded.")

        @Argument(help: "The rule file.", completion: .file())
        var file: String

        @OptionGroup var options: RuleOptions

        func run() async throws {
            let session = LocalSession(language: options.language)
            try await session.explaining {
                let checked = RuleCheckPage.File(file) { () throws(RuleFileErrors) in
                    try RuleFile.read(file, ignoresUnknownKeys: options.ignoreUnknownFields)
                }
                guard checked.expanded != nil else {
                    for line in RuleCheckPage(files: [checked], texts: session.texts).lines() { session.note(line) }
                    throw ExitCode.failure
                }
                try session.print(checked.expandedLines)
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Run unit tests of rules, as 'promtool test rules' does.",
            discussion: "Exits with 0 if all tests pass, 1 if one fails or a file can't be used.")

        @Argument(help: "The test files.", completion: .file())
        var files: [String]

        @Option(
            name: .customLong("run"),
            help: "Run only tests whose name matches this regular expression. May be given several times.")
        var selection: [String] = []

        @OptionGroup var options: RuleOptions

        func validate() throws {
            for pattern in selection {
                do {
                    _ = try CapturingRegex(pattern)
                } catch {
                    throw ValidationError("--run: \(error)")
                }
            }
        }

        func run() async throws {
            let session = LocalSession(language: options.language)
            try await session.explaining {
                let format = try options.output.forTable()
                let selection = try selection.map { try CapturingRegex($0) }
                let page = RuleTestPage(
                    files: files.map {
                        RuleTestPage.File(
                            running: $0, selection: selection, ignoresUnknownKeys: options.ignoreUnknownFields)
                    }, texts: session.texts)
                switch format {
                case .table: try session.print(page.lines())
                case .json: try session.printJSON(page.files)
                case .csv: try session.printCSV(page.csv())
                }
                if !page.allPassed { throw ExitCode.failure }
            }
        }
    }

    struct Try: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "try", abstract: "Say when rules would have rung on what is stored.",
            discussion: """
                The daemon evaluates the rules whenever it would have done so, on their ticks and, those without for, when a reading \
                came, on the readings that it holds, and tells no one. Readings that are remembered as late do \
                not count, as they do not for rules; all others count as having come at their own time. What rules recorded then \
                does not count, only what these do.
                """)

        @Argument(help: "The rule file.", completion: .file())
        var file: String

        @Option(help: "From when, as in history.")
        var since = "30d"

        @Option(help: "Until when. (default: now)")
        var until: String?

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            try await Session.run(connection) { session in
                let format = try output.forTable()
                let start = try session.instant("--since", since)
                let end =
                    try until.map { text throws(ClientError) in try session.instant("--until", text) }
                    ?? session.clock.now
                guard start < end else {
                    throw ClientError.emptyRange(
                        since: session.clock.dateAndTime(start), until: session.clock.dateAndTime(end))
                }
                let checked = RuleCheckPage.File(file) { () throws(RuleFileErrors) in try RuleFile.read(file) }
                guard checked.errors.isEmpty else {
                    let page = RuleCheckPage(files: [checked], texts: session.texts)
                    for line in page.lines() { session.note(line) }
                    throw ExitCode.failure
                }
                // As quantracd knows it: when a group is due hangs on its file's path.
                let path = URL(filePath: file).standardizedFileURL.path(percentEncoded: false)
                let form = [
                    (name: "rules", value: try RuleFile.text(of: file)), (name: "name", value: path),
                    (name: "start", value: start.rfc3339), (name: "end", value: end.rfc3339),
                ]
                let report = try await session.client.get(
                    "/api/v1/rules/try", form: form, as: RuleTrialReport.self, warn: session.warn)
                let page = RuleTrialPage(report: report, texts: session.texts, clock: session.clock)
                switch format {
                case .table:
                    try session.print([page.heading])
                    if !page.rings.isEmpty {
                        try session.print([""])
                        try session.print(page.table())
                    }
                    if !report.proposals.isEmpty {
                        try session.print(["", session.texts(.proposals)])
                        try session.print(page.proposals())
                    }
                case .json: try session.printJSON(report)
                case .csv: try session.printCSV(page.csv())
                }
                for line in page.notes() { session.warn(line) }
            }
        }
    }

    /// What checking and testing have in common.
    struct RuleOptions: ParsableArguments {
        @Flag(help: "Pass over keys that are not known, as files for newer versions may have them.")
        var ignoreUnknownFields = false

        @OptionGroup var output: FormatOptions

        @Option(name: .customLong("lang"), help: "Language, en or vi. (default: from the environment)")
        var language: Language?
    }
}
