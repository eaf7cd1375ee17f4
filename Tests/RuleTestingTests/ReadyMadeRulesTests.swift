import Foundation
import RuleTesting
import Testing

@Suite("The rules in config/rules.d ring when their tests say so")
struct ReadyMadeRulesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../config/rules.d"
    )
    .standardizedFileURL

    /// The names in a folder that end in `.yaml`, in order.
    private static func files(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
    }

    @Test(arguments: try files(in: folder.appending(path: "tests")))
    func pass(file: String) throws {
        let path = Self.folder.appending(path: "tests/\(file)").path
        let outcomes = try RuleTestRunner(try RuleTestFile.read(path)).run()
        #expect(!outcomes.isEmpty)
        for outcome in outcomes { #expect(outcome.failures.isEmpty, "\(file), \(outcome.name): \(outcome.failures)") }
    }

    @Test func andEachFileHasSome() throws {
        let tests = try Self.files(in: Self.folder.appending(path: "tests"))
        for file in try Self.files(in: Self.folder) {
            #expect(tests.contains { $0.hasPrefix(file.dropLast(5)) }, "\(file)")
        }
    }
}
