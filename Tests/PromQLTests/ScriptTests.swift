import Foundation
import PromQL
import PromQLScripts
import Readings
import TestSupport
import Testing

@Suite("Test scripts of the language pass, each case in every way that must give the same answer")
struct ScriptTests {
    private static func scripts(in folder: URL) -> [URL] {
        let found = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (found ?? []).filter { $0.pathExtension == "test" }.sorted { $0.path < $1.path }
    }

    private static let fixtures = scripts(
        in: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures"))

    @Test("one script for each kind of feature", arguments: fixtures)
    func ours(script: URL) throws {
        let results = ScriptRunner().run(Script(try String(contentsOf: script, encoding: .utf8)))
        #expect(!results.isEmpty)
        for result in results {
            #expect(result.outcome == .passed, "\(script.lastPathComponent):\(result.line): \(result.expression)")
        }
    }

    @Test("the scripts of this folder were found")
    func found() { #expect(ScriptTests.fixtures.count >= 10) }

    /// With QUANTRAC_CASES set: Prometheus's own scripts.
    private static let cases = ProcessInfo.processInfo.environment["QUANTRAC_CASES"].map {
        URL(filePath: $0).appending(path: "promqltest")
    }

    @Test("the stable language of Prometheus", .enabled(if: cases != nil))
    func core() throws {
        let (passed, skipped) = try run("core")
        #expect(passed > 0)
        #expect(skipped.isEmpty, "\(skipped)")
    }

    @Test("what is experimental in Prometheus, but for what is left out here", .enabled(if: cases != nil))
    func experimental() throws {
        let (passed, skipped) = try run("experimental")
        #expect(passed > 0)
        #expect(Set(skipped).isSubset(of: ["info()", "limitk", "limit_ratio", "type and unit labels"]), "\(skipped)")
    }

    private func run(_ folder: String) throws -> (passed: Int, skipped: [String]) {
        let scripts = ScriptTests.scripts(in: try #require(ScriptTests.cases).appending(path: folder))
        #expect(!scripts.isEmpty, "there are no scripts in promqltest/\(folder)")
        var passed = 0
        var skipped: [String] = []
        for script in scripts {
            for result in ScriptRunner().run(Script(try String(contentsOf: script, encoding: .utf8))) {
                switch result.outcome {
                case .passed: passed += 1
                case .skipped(let why): skipped.append(why)
                case .failed(let why):
                    Issue.record("\(script.lastPathComponent):\(result.line): \(result.expression): \(why)")
                }
            }
        }
        return (passed, skipped)
    }

    @Test("the runner sees what is wrong: each of these cases fails")
    func failures() {
        let data = "load 1m\n  x{a=\"1\"} 0+1x10\n\n"
        for block in [
            "eval instant at 5m x\n  x{a=\"1\"} 6", "eval instant at 5m x", "eval instant at 5m x\n  x{a=\"2\"} 5",
            "eval instant at 5m 1\n  2", "eval instant at 5m 1\n  {} 1", "eval instant at 5m x\n  5",
            "eval instant at 5m x\n  expect fail", "eval instant at 5m x +\n  x{a=\"1\"} 5",
            "eval instant at 5m -x\n  expect warn\n  {a=\"1\"} -5",
            "eval instant at 5m rate(x[5m])\n  expect no_info\n  {a=\"1\"} 0.016666667",
            "eval range from 0 to 2m step 1m x\n  x{a=\"1\"} 0 1",
            "eval range from 0 to 2m step 1m x\n  x{a=\"1\"} 0 1 _",
            "eval instant at 5m x[2m]\n  expect range vector from 3m to 4m step 1m\n  x{a=\"1\"} 3 4",
            "eval instant atan(x)\n  {a=\"1\"} 1", "eval instant at 5m \"a\"\n  expect string \"b\"", "load\n  x 1",
            "eval sometimes x", "nonsense",
            "load 1m\n  x{a=} 1", "load 1m\n  x 1x", "load 1m\n  x 1+x2",
        ] {
            let results = ScriptRunner().run(Script(data + block + "\n"))
            #expect(results.count == 1, "\(block)")
            for result in results {
                if case .failed = result.outcome { continue }
                Issue.record("\(block): \(result.outcome)")
            }
        }
    }

    @Test("series are written in short")
    func notation() throws {
        let series = try SeriesNotation(#"{"độ ẩm", "phòng"="bếp"} 1 2x1 3+1x2 5-0.5x1 _ _x2 -Inf NaN stale 1e3 .5"#)
        #expect(series.labels == ["__name__": "độ ẩm", "phòng": "bếp"])
        let values = series.values.map { $0.map(FormattedValue.sample) ?? "_" }
        #expect(values == "1 2 2 3 4 5 5 4.5 _ _ _ -Inf NaN NaN 1000 0.5".split(separator: " ").map(String.init))
        #expect(series.values[13].map(StalenessMarker.isMarker) == true)
        #expect(series.values[12].map(StalenessMarker.isMarker) == false)
        for line in ["x 1y", "x 1+2", "x _y", "x 1x-1", "x 1x99999999999", "1 2", "x{a=\"1\" 1", "x{{schema:1}}"] {
            #expect(throws: SeriesNotation.Fault.self, "\(line)") { try SeriesNotation(line) }
        }
    }

    @Test("no bytes crash the reader of scripts")
    func garbage() {
        var random = SeededGenerator(seed: 0x5C21_0001)
        let words = [
            "load", "eval", "clear", "instant", "range", "at", "from", "to", "step", "5m", "x", "{", "}", "expect",
            "fail",
            "msg:", "regex:", "(", "\n", "\n  ", " ", "1+1x3", "_", "stale", "\"", "é", "0", "vector", "string",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }
            .joined(separator: Bool.random(using: &random) ? " " : "")
            _ = ScriptRunner().run(Script(text))
        }
    }
}
