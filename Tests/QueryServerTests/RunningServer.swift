import Logging
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import QueryServer

/// A server on real sockets: a Unix socket in a directory of the test's own and a TCP port of the system's choice.
struct RunningServer {
    let directory: TemporaryDirectory
    let port: Int
    var socketPath: String { directory.file("query.sock") }

    /// Runs a server while `body` runs, then stops it as a service group does at SIGTERM.
    static func with(
        _ backend: Household, limits: QueryServer.Limits = .init(), dygraphsDirectory: String? = nil,
        _ body: (RunningServer) async throws -> Void, whileStopping: () async throws -> Void = {}
    ) async throws {
        let directory = try TemporaryDirectory()
        var configuration = QueryServer.Configuration(
            socketPath: directory.file("query.sock"), listen: try ListenAddress("127.0.0.1:0"), hosts: ["proxy.test"],
            limits: limits)
        if let dygraphsDirectory { configuration.dygraphsDirectory = dygraphsDirectory }
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let (addresses, announce) = AsyncStream.makeStream(of: SocketAddress?.self)
        let server = try QueryServer(configuration: configuration, backend: backend, logger: logger) { address in
            announce.yield(address)
        }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { announce.finish() }
                try await group.run()
            }
            var port: Int?
            var sockets = 0
            for await address in addresses {
                port = address?.port ?? port
                sockets += 1
                if sockets == 2 { break }
            }
            do {
                try await body(RunningServer(directory: directory, port: try #require(port)))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await whileStopping()
            try await tasks.waitForAll()
        }
    }
}
