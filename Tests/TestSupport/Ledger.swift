import Foundation

/// A stream of numbers at QoS 1 whose every acknowledged one must be in the history, once.
public final class Ledger: Sendable {
    private let publisher: ChildProcess
    private let path: String
    private let count: Int

    /// Starts to publish the numbers 1 … `count` to the daemon's broker.
    public init(
        _ daemon: DaemonProcess, brokerHost: String = "127.0.0.1", brokerPort: UInt16, count: Int, rate: Int
    ) throws {
        path = daemon.directory.file("ledger")
        self.count = count
        publisher = try ChildProcess(
            "publish-readings",
            [
                "--broker", "\(brokerHost):\(brokerPort)", "--ledger", path, "--ledger-style", "json", "--count",
                "\(count)", "--rate", "\(rate)", "--devices", "3",
            ], outputPath: daemon.directory.file("publisher.log"))
    }

    public struct Verdict: Sendable {
        public var published: Int
        public var missing: Int
        public var doubled: Int
        public var invented: Int

        public var isPerfect: Bool { missing == 0 && doubled == 0 && invented == 0 }
    }

    public struct PublisherFailed: Error {
        public var output: String
    }

    /// Waits until all numbers are published and stored, and compares.
    public func verdict(_ daemon: DaemonProcess, timeout: Duration = .seconds(60)) async throws -> Verdict {
        guard try await publisher.waitForExit(timeout: .seconds(180)) == 0 else {
            throw PublisherFailed(output: publisher.output)
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let published = lines.compactMap { Int($0) }
        _ = try await eventually(timeout: timeout, every: .milliseconds(200)) {
            try daemon.export("counter").reduce(0) { $0 + $1.samples.count } >= count
        }
        let stored = try daemon.export("counter").flatMap { $0.samples.map { Int($0.1) } }
        return Verdict(
            published: published.count, missing: Set(published).subtracting(stored).count,
            doubled: stored.count - Set(stored).count, invented: Set(stored).subtracting(published).count)
    }
}
