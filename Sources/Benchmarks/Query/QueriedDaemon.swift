import Foundation

/// The daemon over a store that is full already, asked over loopback like its peers. It has no broker.
final class QueriedDaemon: QueriedServer {
    let name = "quantracd"
    let process: ChildProcess
    let connection: LoopbackConnection

    /// - Parameters:
    ///   - store: the directory of a store that nobody has open.
    ///   - scratch: a directory for what else it needs.
    init(store: String, scratch: String, programs: String) throws {
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let port = try freePort()
        let configuration = """
            mqtt: { host: 127.0.0.1, port: \(try freePort()), clientId: quantrac-bench }
            store: { directory: "\(store)", diskBudget: 512MiB, memoryBudget: 64MiB }
            query: { socket: "\(scratch)/query.sock", listen: "127.0.0.1:\(port)" }
            alerts: { rules: [] }
            log: { level: error }
            """
        try configuration.write(toFile: scratch + "/quantrac.yaml", atomically: false, encoding: .utf8)
        let process = try ChildProcess(
            programs + "/quantracd", ["--config", scratch + "/quantrac.yaml"], outputPath: scratch + "/quantracd.log")
        self.process = process
        connection = try process.wait(for: "its port") { try? LoopbackConnection(port: port) }
    }
}
