import Foundation

/// A fresh mosquitto on loopback that holds back nothing.
struct LoopbackBroker {
    let process: ChildProcess
    let port: UInt16

    /// - Parameter scratch: a directory for its configuration and what it prints.
    init(scratch: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        guard
            let path = (folders + ["/usr/sbin"]).map({ $0 + "/mosquitto" })
                .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
        else { throw ChildProcess.Failure(description: "there is no mosquitto; apt-get install mosquitto") }
        let port = try freePort()
        let lines = [
            "listener \(port) 127.0.0.1", "allow_anonymous true", "user \(NSUserName())", "persistence false",
            "max_queued_messages 0", "max_inflight_messages \(IngestBenchmark.receiveMaximum)", "log_type error",
        ]
        let file = scratch + "/mosquitto.conf"
        try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: false, encoding: .utf8)
        process = try ChildProcess(path, ["-c", file], outputPath: scratch + "/mosquitto.log")
        self.port = port
        try process.wait(for: "its port") { canConnect(to: port) ? () : nil }
    }
}
