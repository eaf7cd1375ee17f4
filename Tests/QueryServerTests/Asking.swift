import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import QueryAPI
import Testing

@testable import QueryServer

/// Asks the router itself, without sockets.
func asking(
    _ backend: Household = .kitchen, configuration: QueryServer.Configuration = .init(socketPath: "/unused"),
    _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
    let router = QueryRouter.make(configuration: configuration, backend: backend)
    try await Application(responder: router.buildResponder()).test(.router) { client in try await body(client) }
}

extension TestClientProtocol {
    func get(_ uri: String) async throws -> TestResponse { try await execute(uri: uri, method: .get) }

    func post(_ uri: String, form: String) async throws -> TestResponse {
        try await execute(
            uri: uri, method: .post, headers: [.contentType: "application/x-www-form-urlencoded"],
            body: ByteBuffer(string: form))
    }

    func send(_ uri: String, body: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await execute(uri: uri, method: .post, headers: headers, body: ByteBuffer(string: body))
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The body as `JSONSerialization` understands it.
    func json() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any])
    }

    /// The data of the envelope, as a client of Quantrac's own reads it.
    func data<Data: Codable & Sendable>(as: Data.Type) throws -> Data {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        let envelope = try decoder.decode(Envelope<Data>.self, from: Foundation.Data(body.readableBytesView))
        #expect(envelope.status == "success")
        return try #require(envelope.data)
    }
}
