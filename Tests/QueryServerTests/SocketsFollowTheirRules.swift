import Foundation
import Logging
import QueryServer
import TestSupport
import Testing

@Suite struct SocketsFollowTheirRules {
    private static func server(at path: String) throws -> QueryServer {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try QueryServer(configuration: .init(socketPath: path), backend: Household(), logger: logger)
    }

    /// What running a server there ends with at once; nil if it runs.
    private static func refusal(at path: String) async throws -> ListenError? {
        let running = Task { try await server(at: path).run() }
        let patience = Task {
            try await Task.sleep(for: .seconds(20))
            running.cancel()
        }
        defer { patience.cancel() }
        do {
            try await running.value
            return nil
        } catch let error as ListenError {
            return error
        }
    }

    private static func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func answersOnTheSocketAndRemovesItAtTheEnd() async throws {
        var path = ""
        try await RunningServer.with(.kitchen) { server in
            path = server.socketPath
            let answer = try await server.get("/-/healthy")
            #expect(answer.status == 200)
            #expect(answer.body == "Quantrac is healthy.\n")
            let mode = try SocketsFollowTheirRules.mode(of: path)
            #expect(mode == 0o660)
        }
        #expect(!path.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aSocketInUseIsLeftAlone() async throws {
        try await RunningServer.with(.kitchen) { server in
            let error = try await SocketsFollowTheirRules.refusal(at: server.socketPath)
            #expect(error == .socketInUse(path: server.socketPath))
            #expect(error?.description.contains(server.socketPath) == true)
            let answer = try await server.get("/-/healthy")
            #expect(answer.status == 200)
        }
    }

    @Test func aStaleSocketIsReplaced() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("query.sock")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
        try #require(bound == 0)
        try #require(FileManager.default.fileExists(atPath: path))

        let running = Task { try await SocketsFollowTheirRules.server(at: path).run() }
        // Other tests may keep all threads busy for a while.
        let answers = try await eventually(timeout: .seconds(90)) {
            (try? await blocking { try UnixSocketHTTP.get("/-/healthy", socket: path).status }) == 200
        }
        #expect(answers)
        running.cancel()
        try? await running.value
    }

    @Test func whatIsNoSocketIsNeverDeleted() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("precious", to: "query.sock")
        let ofFile = try await SocketsFollowTheirRules.refusal(at: path)
        #expect(ofFile == .notASocket(path: path))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        let link = directory.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        let ofLink = try await SocketsFollowTheirRules.refusal(at: link)
        #expect(ofLink == .notASocket(path: link))
    }

    @Test func pathsThatCannotBe() async throws {
        let long = "/" + String(repeating: "a", count: 107)
        #expect(throws: ListenError.socketPathTooLong(path: long, bytes: 108)) {
            try SocketsFollowTheirRules.server(at: long)
        }
        #expect(throws: ListenError.socketPathInvalid(path: "")) { try SocketsFollowTheirRules.server(at: "") }
        let nowhere = "/nonexistent-directory/query.sock"
        let error = try await SocketsFollowTheirRules.refusal(at: nowhere)
        #expect(error == .socketUnusable(path: nowhere, operation: "listen on", errno: ENOENT))
    }

    @Test func aPortInUseIsNamed() async throws {
        try await RunningServer.with(.kitchen) { server in
            let directory = try TemporaryDirectory()
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let listen = try ListenAddress("127.0.0.1:\(server.port)")
            let second = try QueryServer(
                configuration: .init(socketPath: directory.file("query.sock"), listen: listen), backend: Household(),
                logger: logger)
            await #expect(
                throws: ListenError.addressUnusable(address: "127.0.0.1:\(server.port)", errno: EADDRINUSE)
            ) { try await second.run() }
        }
    }

    @Test func onlyLoopbackIsListenedOn() throws {
        for text in ["127.0.0.1:8420", "localhost:80", "[::1]:8420", "127.1.2.3:1"] {
            #expect(try ListenAddress(text).description == text)
        }
        for text in ["0.0.0.0:8420", "192.168.1.5:8420", "[::]:8420", "example.org:80", "127.0.0.1.evil.test:80"] {
            #expect(throws: ListenError.self) { try ListenAddress(text) }
        }
        for text in [
            "", "127.0.0.1", "8420", ":8420", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "[::1:80", "::1:80",
        ] {
            #expect(throws: ListenError.addressMalformed(text: text)) { try ListenAddress(text) }
        }
    }
}
