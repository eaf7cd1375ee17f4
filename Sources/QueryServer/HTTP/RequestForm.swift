import Hummingbird
import NIOCore

/// The body of a POST that carries a form.
enum RequestForm {
    /// How long a client may take to send it.
    private static let timeout = TimeAmount.seconds(15)

    /// - Throws: ``APIError`` if the body is no form or too large. A client that does not finish it is cut off.
    static func read(_ request: Request, _ context: QueryContext) async throws -> String {
        let cut = context.channel.eventLoop.scheduleTask(in: timeout) { [channel = context.channel] in
            channel.close(promise: nil)
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: FormParameters.largestBody)
        } catch is NIOTooManyBytesError {
            // Not cancelled: who sends too much may go on sending for ever.
            throw APIError(
                .badData, "the request's body is larger than \(FormParameters.largestBody) bytes",
                status: .contentTooLarge)
        } catch {
            throw APIError.badData("the request's body did not arrive whole")
        }
        cut.cancel()
        return try text(body, request.headers)
    }

    /// - Throws: ``APIError`` if `body` is none that these fields may belong to.
    static func text(_ body: ByteBuffer, _ fields: HTTPFields) throws(APIError) -> String {
        guard body.readableBytes > 0 else { return "" }
        let type = fields[.contentType] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw APIError(
                .badData, "the body must be application/x-www-form-urlencoded", status: .unsupportedMediaType)
        }
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw .badData("the body is not UTF-8")
        }
        return text
    }
}
