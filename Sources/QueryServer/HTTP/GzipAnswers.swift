import Hummingbird
import NIOCore

/// Sends text compressed to clients that take it so (RFC 9110 §12.5.3), as Grafana does: a day's values of a household
/// become a fifth.
struct GzipAnswers: RouterMiddleware {
    /// Below, a header more takes what is saved.
    static let leastBytes = 1024

    func handle(
        _ request: Request, context: QueryContext, next: (Request, QueryContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard GzipAnswers.isText(response) else { return response }
        GzipAnswers.addVary(to: &response.headers)
        guard request.method != .head, GzipAnswers.accepts(request.headers[values: .acceptEncoding]),
            response.body.contentLength.map({ $0 >= GzipAnswers.leastBytes }) ?? true
        else { return response }
        let plain = response.body
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        response.body = ResponseBody { writer in
            try await plain.write(Compressor(stream: try GzipStream(), writer: writer))
        }
        return response
    }

    /// Says that other clients may get other bytes.
    static func addVary(to fields: inout HTTPFields) {
        fields[.vary] = "Accept-Encoding"
    }

    /// Events must arrive when they happen, and a backup is compressed by itself.
    private static func isText(_ response: Response) -> Bool {
        guard response.headers[.contentEncoding] == nil, let type = response.headers[.contentType] else { return false }
        return !type.hasPrefix("text/event-stream")
            && ["text/", "application/json", "application/stream+json", "image/svg+xml"].contains(
                where: type.hasPrefix)
    }

    /// Whether a client takes it that sends these values of `Accept-Encoding`.
    static func accepts(_ values: [String]) -> Bool {
        let codings = values.flatMap { $0.split(separator: ",") }.map {
            $0.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        }
        let named = codings.first { $0.first == "gzip" || $0.first == "x-gzip" } ?? codings.first { $0.first == "*" }
        guard let named else { return false }
        // A weight of 0 forbids it.
        return !named.dropFirst().contains { $0.hasPrefix("q=") && (Double($0.dropFirst(2)) ?? 1) == 0 }
    }

    private struct Compressor: ResponseBodyWriter {
        let stream: GzipStream
        var writer: any ResponseBodyWriter

        mutating func write(_ buffer: ByteBuffer) async throws {
            // It takes a millisecond, in which nobody else on the loop should have to wait.
            let bytes = try await withTaskExecutorPreference(globalConcurrentExecutor) { try stream.add(buffer) }
            if bytes.readableBytes > 0 { try await writer.write(bytes) }
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            try await writer.write(try stream.end())
            try await writer.finish(trailingHeaders)
        }
    }
}
