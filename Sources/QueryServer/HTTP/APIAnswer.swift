import Foundation
import Hummingbird
import QueryAPI

/// Answers in Prometheus's envelope.
enum APIAnswer {
    static let contentType = "application/json"

    /// A whole answer that is small enough to be encoded at once.
    static func success(_ data: some Codable & Sendable, warnings: [String]? = nil) throws -> Response {
        try json(Envelope(data: data, warnings: warnings), status: .ok)
    }

    static func error(_ error: APIError) -> Response {
        let envelope = Envelope<String>(errorType: error.kind.rawValue, error: error.message)
        do {
            return try json(envelope, status: error.status)
        } catch {
            return Response(status: .internalServerError)
        }
    }

    /// `value` as JSON, keys sorted, numbers that JSON lacks as Prometheus spells them.
    static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        return try encoder.encode(value)
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status) throws -> Response {
        Response(
            status: status, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoded(value))))
    }
}
