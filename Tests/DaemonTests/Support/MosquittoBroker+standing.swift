import Foundation
import TestSupport

extension MosquittoBroker {
    /// The topics under `filters` on which something stands, and what.
    func standing(_ filters: [String]) async throws -> [String: String] {
        let directory = try TemporaryDirectory()
        let child = try ChildProcess(
            "mosquitto_sub",
            ["-p", "\(port)", "-v", "--retained-only", "-W", "1"] + filters.flatMap { ["-t", $0] },
            outputPath: directory.file("standing"))
        _ = try await child.waitForExit()
        let lines = child.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
        return Dictionary(
            lines.filter { $0.count == 2 && $0[0].contains("/") }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { $1 })
    }
}
