import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// A channel that posts messages in some format.
public struct HTTPChannel: Channel {
    private let format: any HTTPFormat
    private let client: HTTPSender
    /// What must not appear in any error.
    private let secrets: [Secret]

    public init(format: any HTTPFormat, client: HTTPSender, secrets: [Secret] = []) {
        self.format = format
        self.client = client
        self.secrets = secrets
    }

    public func send(_ message: Message) async -> Outcome {
        do {
            // Before it is cut, and after it was decoded.
            let reply = try await client.send(format.call(for: message)).hiding(secrets)
            return format.outcome(of: reply).hiding(secrets)
        } catch {
            return Outcome.failed(error.description).hiding(secrets)
        }
    }
}

/// Sends requests, each with a limit of time and of what is read of the answer.
public final class HTTPSender: Sendable {
    private let client: HTTPClient
    private static let patience = TimeAmount.seconds(15)
    private static let mostBody = 64 << 10

    /// - Parameter caFile: authorities (PEM) that are believed beside none of the system's; nil: the system's.
    /// - Throws: if the file cannot be read.
    public init(caFile: String? = nil) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let caFile { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(caFile)) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10), read: HTTPSender.patience)
        // A pool would keep connections that routers forget between two alerts.
        configuration.connectionPool.idleTimeout = .seconds(5)
        // The next try is ours to choose.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        client.shutdown { _ in }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    func send(_ call: HTTPCall) async throws(Failure) -> HTTPReply {
        do {
            var request = HTTPClientRequest(url: call.url)
            request.method = .POST
            request.headers = HTTPHeaders(call.headers.map { ($0.name, $0.value) })
            if !request.headers.contains(name: "User-Agent") {
                request.headers.add(name: "User-Agent", value: "Quantrac")
            }
            request.body = .bytes(ByteBuffer(bytes: call.body))
            let response = try await client.execute(request, timeout: HTTPSender.patience)
            var body: [UInt8] = []
            // The answer was given with its head: a body that breaks off changes nothing.
            do {
                for try await part in response.body {
                    body += part.readableBytesView.prefix(HTTPSender.mostBody - body.count)
                    if body.count >= HTTPSender.mostBody { break }
                }
            } catch {}
            return HTTPReply(
                status: Int(response.status.code),
                headers: response.headers.map { HTTPHeader($0.name, $0.value) }, body: body)
        } catch {
            throw Failure(description: NetworkError.inWords(error))
        }
    }
}
