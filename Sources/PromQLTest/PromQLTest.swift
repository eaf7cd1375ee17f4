import ArgumentParser
import Foundation
import PromQLScripts

/// `tools/promqltest`: runs test scripts and says which cases pass.
@main
struct PromQLTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promqltest",
        abstract: "Runs test scripts of Prometheus's query language (.test) with this engine.",
        discussion: """
            Each instant case is run again as the middle step of a range, and pinned with @ at other times. What the \
            engine leaves out is skipped by name. The exit status is 1 if a case failed.
            """)

    @Argument(help: "The scripts.", completion: .file(extensions: ["test"]))
    var files: [String]

    func run() throws {
        var (passed, failed, skipped) = (0, 0, 0)
        for file in files {
            let text: String
            do {
                text = try String(contentsOfFile: file, encoding: .utf8)
            } catch {
                print("\(file): can't be read: \(error.localizedDescription)")
                failed += 1
                continue
            }
            for result in ScriptRunner().run(Script(text)) {
                switch result.outcome {
                case .passed: passed += 1
                case .failed(let why):
                    failed += 1
                    print("\(file):\(result.line): failed: \(result.expression)\n    \(why)")
                case .skipped(let why):
                    skipped += 1
                    print("\(file):\(result.line): skipped (\(why)): \(result.expression)")
                }
            }
        }
        print("\(passed) passed, \(failed) failed, \(skipped) skipped")
        if failed > 0 { throw ExitCode.failure }
    }
}
