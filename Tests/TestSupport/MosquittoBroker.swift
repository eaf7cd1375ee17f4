import Foundation
import Synchronization

/// A real mosquitto on a free loopback port, with persistence in a directory of its own.
public final class MosquittoBroker: Sendable {
    public let port: UInt16
    private let directory: TemporaryDirectory
    private let process: Mutex<ChildProcess?>

    /// Starts it and waits until it accepts connections. `settings` are further lines of its configuration.
    public init(settings: [String] = []) async throws {
        port = try freePort()
        directory = try TemporaryDirectory()
        process = Mutex(nil)
        let lines =
            [
                "listener \(port) 127.0.0.1", "allow_anonymous true", "persistence true",
                "persistence_location \(directory.path)/", "max_queued_messages 0", "max_inflight_messages 1000",
                "log_dest stderr", "user root",
            ] + settings
        try directory.write(lines.joined(separator: "\n") + "\n", to: "mosquitto.conf")
        try await start()
    }

    public func start() async throws {
        let child = try ChildProcess(
            "mosquitto", ["-c", directory.file("mosquitto.conf")], outputPath: directory.file("log"))
        process.withLock { $0 = child }
        guard try await eventually({ canConnect(to: port) }) else {
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
