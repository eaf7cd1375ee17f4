import Foundation
import Synchronization

/// A network of its own that a wire leads to, which can be cut. Needs root and Debian's iproute2.
public final class NetworkNamespace: Sendable {
    public let name: String
    /// The address at the wire's other end, in dotted form.
    public let address: String
    private let wire: String
    private let log: TemporaryDirectory

    private static let made = Atomic<Int>(0)

    public static var isPossible: Bool { geteuid() == 0 && (try? ChildProcess.locate("ip")) != nil }

    public struct CommandFailed: Error, CustomStringConvertible {
        let command: [String]
        let output: String
        public var description: String { "ip \(command.joined(separator: " ")): \(output)" }
    }

    public init() async throws {
        let number = NetworkNamespace.made.wrappingAdd(1, ordering: .relaxed).newValue
        let process = Int(getpid())
        name = "quantrac-\(process)-\(number)"
        // At most 15 characters.
        wire = "qt\(process % 1_000_000)n\(number % 1000)"
        // Of the block for tests of networks (RFC 2544), the one that this process and number give.
        let subnet = "198.18.\((process &* 7 &+ number) % 256)."
        let block = (process % 63) * 4
        address = subnet + "\(block + 2)"
        log = try TemporaryDirectory()
        let far = wire + "p"
        try await ip("netns", "add", name)
        try await ip("link", "add", wire, "type", "veth", "peer", "name", far, "netns", name)
        try await ip("address", "add", subnet + "\(block + 1)/30", "dev", wire)
        try await ip("-n", name, "address", "add", address + "/30", "dev", far)
        try await ip("-n", name, "link", "set", far, "up")
        try await ip("-n", name, "link", "set", "lo", "up")
        try await mend()
    }

    deinit {
        // The wire goes with it, when the last process in it has ended.
        _ = try? ChildProcess("ip", ["netns", "delete", name], outputPath: log.file("ip")).waitNow()
        _ = try? ChildProcess("ip", ["link", "delete", wire], outputPath: log.file("ip")).waitNow()
    }

    /// Nothing comes through any more; neither end is told.
    public func cut() async throws { try await ip("link", "set", wire, "down") }
    public func mend() async throws { try await ip("link", "set", wire, "up") }

    private func ip(_ arguments: String...) async throws {
        let child = try ChildProcess("ip", arguments, outputPath: log.file("ip"))
        guard try await child.waitForExit() == 0 else {
            throw CommandFailed(command: arguments, output: child.output)
        }
    }
}
