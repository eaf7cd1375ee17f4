import Foundation
import TestSupport
import Testing

@Suite("A user's mappings can be tried before the daemon uses them")
struct DecodeWithMappings {
    private func decode(_ configuration: String, _ arguments: [String]) async throws -> (status: Int32?, output: String)
    {
        let directory = try TemporaryDirectory()
        try directory.write(configuration, to: "quantrac.yaml")
        let process = try ChildProcess(
            "quantrac", ["decode", "--config", directory.file("quantrac.yaml")] + arguments,
            outputPath: directory.file("out"))
        return (try await process.waitForExit(timeout: .seconds(30)), process.output)
    }

    private let message = ["--topic", "farm/pump 3/flow", "--payload", "12.5", "--format", "json"]

    @Test func theyCountAsForTheDaemon() async throws {
        let configuration = """
            mqtt: { host: broker.lan }
            mappings:
              - topic: farm/{device}/{metric}
                values: { "": { unit: °F } }
            """
        let plain = try await decode("mqtt: { host: broker.lan }\n", message)
        #expect(plain.status == 0 && plain.output.contains(#""device":"farm/pump 3""#), "\(plain.output)")
        let mapped = try await decode("mappings: [\"farm/{device}/{metric}\"]\n", message)
        #expect(mapped.status == 0 && mapped.output.contains(#""device":"pump 3""#), "\(mapped.output)")
        let scaled = try await decode(configuration, message)
        #expect(scaled.status == 0 && scaled.output.contains(#""unit":"Cel""#), "\(scaled.output)")
    }

    @Test func aMistakeIsNamedWithItsLine() async throws {
        let wrong = try await decode("mappings:\n  - topic: a/{device}\n    vallues: {}\n", message)
        #expect(wrong.status != 0)
        #expect(wrong.output.contains("quantrac.yaml:3: vallues: unknown key of a mapping"), "\(wrong.output)")
        let broken = try await decode("mappings: [", message)
        #expect(broken.status != 0 && broken.output.contains("is no YAML"), "\(broken.output)")
        let absent = try await decode("", ["--config", "/nowhere/q.yaml"] + message)
        #expect(absent.status != 0 && absent.output.contains("/nowhere/q.yaml"), "\(absent.output)")
    }
}
