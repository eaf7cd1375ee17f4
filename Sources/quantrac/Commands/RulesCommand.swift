import Alerting
import ArgumentParser
import Foundation
import Readings

/// `quantrac rules`: rule files and their tests, without a daemon.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Check rule files and run their tests, without a daemon.",
        discussion: "Rule files and tests have the formats of Prometheus and its promtool.",
        subcommands: [Check.self, Test.self])

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

        @OptionGroup var options: RuleOptions

        func run() async throws {
            let session = LocalSession(language: options.language)
            try await session.explaining {
                let format = try options.output.forTable()
                let checked = files.isEmpty ? [standardInput()] : files.map(check)
                let page = RuleCheckPage(files: checked, texts: session.texts)
                switch format {
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

    /// What both have in common.
    struct RuleOptions: ParsableArguments {
        @Flag(help: "Pass over keys that are not known, as files for newer versions may have them.")
        var ignoreUnknownFields = false

        @OptionGroup var output: FormatOptions

        @Option(name: .customLong("lang"), help: "Language, en or vi. (default: from the environment)")
        var language: Language?
    }
}
