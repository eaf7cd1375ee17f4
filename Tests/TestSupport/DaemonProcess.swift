import Foundation
import Synchronization

/// A real quantracd with its files in a directory of a test's own. Stopping and starting it again keeps the store.
public final class DaemonProcess: Sendable {
    public let directory: TemporaryDirectory
    public let socketPath: String
    public let configurationPath: String
    private let child: Mutex<ChildProcess?>

    /// Writes the configuration. `settings` are further lines of it, in YAML, at the top level.
    ///
    /// - Parameter storeDirectory: where the store lies, if not beside the other files.
    public init(
        brokerPort: UInt16, settings: String = "", rules: String? = nil, diskBudget: String = "16MiB",
        storeDirectory: String? = nil
    ) throws {
        directory = try TemporaryDirectory()
        // A Unix socket's path may have 107 bytes.
        socketPath = directory.file("q.sock")
        if let rules { try directory.write(rules, to: "rules.yaml") }
        configurationPath = try directory.write(
            """
            mqtt: { host: 127.0.0.1, port: \(brokerPort), clientId: quantracd-test }
            store: { directory: "\(storeDirectory ?? directory.file("store"))", diskBudget: \(diskBudget) }
            query: { socket: "\(socketPath)" }
            alerts: { rules: [\(rules == nil ? "" : "\"\(directory.file("rules.yaml"))\"")], evaluationInterval: 1s }
            \(settings)

            """, to: "quantrac.yaml")
        child = Mutex(nil)
    }

    public struct NotReady: Error, CustomStringConvertible {
        let log: String
        public var description: String { "quantracd did not become ready: \(log.suffix(2000))" }
    }

    public var process: ChildProcess? { child.withLock { $0 } }
    public var log: String { (try? String(contentsOfFile: directory.file("log"), encoding: .utf8)) ?? "" }

    /// Starts it without waiting.
    public func launch(environment: [String: String] = [:], arguments: [String] = []) throws {
        let started = try ChildProcess(
            "quantracd", ["--config", configurationPath] + arguments, environment: environment,
            outputPath: directory.file("log"))
        child.withLock { $0 = started }
    }

    /// Starts it and waits until it answers, and, unless told otherwise, until the broker accepted it.
    public func start(connected: Bool = true, environment: [String: String] = [:]) async throws {
        try launch(environment: environment)
        let ready = try await eventually(timeout: .seconds(30)) {
            guard let process = process, process.isRunning else { throw NotReady(log: log) }
            guard let status = try? status() else { return false }
            return !connected || status.brokerState == "connected"
        }
        guard ready else { throw NotReady(log: log) }
    }

    public func killNow() async throws {
        try await process?.killNow()
    }

    /// SIGTERM; gives the exit status.
    public func stop() async throws -> Int32? {
        try await process?.terminate()
    }

    public func get(_ path: String) throws -> UnixSocketHTTP.Answer {
        try UnixSocketHTTP.get(path, socket: socketPath)
    }

    /// What the tests look at in `/api/v1/status`.
    public struct Status {
        public var brokerState: String
        public var healthy: Bool
        public var messages: Int
        public var readings: Int
        public var duplicates: Int
        public var refused: [String: Int]
        public var problems: [String]
        public var diskUsed: Int
    }

    public struct UnexpectedAnswer: Error {
        public var body: String
    }

    public func status() throws -> Status {
        let body = try get("/api/v1/status").body
        guard let root = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any],
            let data = root["data"] as? [String: Any], let broker = data["broker"] as? [String: Any],
            let intake = data["intake"] as? [String: Any], let store = data["store"] as? [String: Any],
            let problems = data["problems"] as? [[String: Any]]
        else { throw UnexpectedAnswer(body: body) }
        return Status(
            brokerState: broker["state"] as? String ?? "", healthy: data["healthy"] as? Bool ?? false,
            messages: intake["messages"] as? Int ?? -1, readings: intake["readings"] as? Int ?? -1,
            duplicates: intake["duplicates"] as? Int ?? -1, refused: intake["refused"] as? [String: Int] ?? [:],
            problems: problems.compactMap { $0["code"] as? String }, diskUsed: store["diskUsedBytes"] as? Int ?? -1)
    }

    /// All samples of the series that meet `selector`, by the export: series' labels → (milliseconds, value).
    public func export(_ selector: String) throws -> [(labels: [String: String], samples: [(Int, Double)])] {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "_-.")
        let encoded = selector.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let body = try get("/api/v1/export?match%5B%5D=\(encoded)&start=0").body
        var out: [(labels: [String: String], samples: [(Int, Double)])] = []
        for line in body.split(separator: "\n") {
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let labels = object["metric"] as? [String: String], let values = object["values"] as? [Double],
                let times = object["timestamps"] as? [Int]
            else { throw UnexpectedAnswer(body: String(line)) }
            let samples = Array(zip(times, values))
            if out.last?.labels == labels {
                out[out.count - 1].samples += samples
            } else {
                out.append((labels, samples))
            }
        }
        return out
    }
}
