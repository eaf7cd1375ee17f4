import Foundation
import Synchronization

/// A real mosquitto on a free loopback port, with persistence in a directory of its own.
public final class MosquittoBroker: Sendable {
    public let port: UInt16
    /// Where it listens: loopback, or the address of its namespace.
    public let host: String
    private let namespace: NetworkNamespace?
    private let directory: TemporaryDirectory
    private let process: Mutex<ChildProcess?>

    /// Starts it and waits until it accepts connections. `settings` are further lines of its configuration.
    public init(settings: [String] = [], in namespace: NetworkNamespace? = nil) async throws {
        port = try freePort()
        host = namespace?.address ?? "127.0.0.1"
        self.namespace = namespace
        directory = try TemporaryDirectory()
        process = Mutex(nil)
        let lines =
            [
                "listener \(port) \(host)", "allow_anonymous true", "persistence true",
                "persistence_location \(directory.path)/", "max_queued_messages 0", "max_inflight_messages 1000",
                "log_dest stderr", "user root",
            ] + settings
        try directory.write(lines.joined(separator: "\n") + "\n", to: "mosquitto.conf")
        try await start()
    }

    public func start() async throws {
        // `ip netns exec` becomes the program, so that signals reach it.
        let way = namespace.map { ["ip", "netns", "exec", $0.name, "mosquitto"] } ?? ["mosquitto"]
        let child = try ChildProcess(
            way[0], way.dropFirst() + ["-c", directory.file("mosquitto.conf")], outputPath: directory.file("log"))
        process.withLock { $0 = child }
        guard try await eventually({ canConnect(to: port, of: host) }) else {
            throw BrokerDidNotStart(output: child.output)
        }
    }

    /// Stops it in the orderly way: sessions and queues are written to disk.
    public func stop() async throws {
        let child = process.withLock { process in
            defer { process = nil }
            return process
        }
        _ = try await child?.terminate()
    }

    /// Ends it as a power cut does: nothing is written to disk.
    public func killNow() async throws {
        let child = process.withLock { process in
            defer { process = nil }
            return process
        }
        try await child?.killNow()
    }

    /// Writes sessions and retained messages to disk, as it does by itself each half an hour.
    public func save() async throws {
        let path = directory.file("mosquitto.db")
        try? FileManager.default.removeItem(atPath: path)
        process.withLock { $0?.signal(SIGUSR1) }
        guard try await eventually({ FileManager.default.fileExists(atPath: path) }) else {
            throw BrokerDidNotStart(output: "\(path) is not written")
        }
    }

    /// Loses, while it does not run, all that it had written.
    public func forget() throws {
        let path = directory.file("mosquitto.db")
        if FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// Stands still, with all connections open.
    public func pause() { process.withLock { $0?.signal(SIGSTOP) } }
    public func resume() { process.withLock { $0?.signal(SIGCONT) } }

    /// Publishes with `mosquitto_pub` and waits for its end.
    public func publish(
        _ payload: String, to topic: String, retain: Bool = false, qos: Int = 1
    ) async throws {
        let child = try ChildProcess(
            "mosquitto_pub",
            ["-p", "\(port)", "-q", "\(qos)", "-t", topic, "-m", payload] + (retain ? ["-r"] : []),
            outputPath: directory.file("pub.log"))
        try await child.waitForExit()
    }

    /// Publishes the bytes of a file.
    public func publish(file: String, to topic: String) async throws {
        let child = try ChildProcess(
            "mosquitto_pub", ["-p", "\(port)", "-q", "1", "-t", topic, "-f", file],
            outputPath: directory.file("pub.log"))
        try await child.waitForExit()
    }

    public struct BrokerDidNotStart: Error, CustomStringConvertible {
        let output: String
        public var description: String { "mosquitto did not start: \(output)" }
    }
}
