import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import QueryAPI
import Readings
import RingStore

/// Asks the daemon over HTTP, on its socket or a URL.
struct QueryClient: Sendable {
    let endpoint: Endpoint
    private let http: HTTPClient

    /// Opens a client for as long as `body` runs.
    static func with<Result>(
        _ endpoint: Endpoint, _ body: (QueryClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        // A socket that is not there will not be there in a moment either: say so at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout = .init(connect: .seconds(10), read: .seconds(60))
        configuration.redirectConfiguration = .disallow
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result
        do {
            result = try await body(QueryClient(endpoint: endpoint, http: http))
        } catch {
            try? await http.shutdown()
            throw error
        }
        try? await http.shutdown()
        return result
    }

    /// The `data` of the answer's envelope; its warnings go to `warn`, and what it informs of to `inform`, or to `warn` as well.
    ///
    /// - Parameters:
    ///   - query: parameters, sent with the URL.
    ///   - form: parameters, sent in a POST body: expressions may be longer than a URL.
    func get<Answer: Codable & Sendable>(
        _ path: String, query: [(name: String, value: String)] = [], form: [(name: String, value: String)] = [],
        as: Answer.Type = Answer.self,
        warn: (String) -> Void = { _ in }, inform: ((String) -> Void)? = nil
    ) async throws -> Answer {
        var request = self.request(query.isEmpty ? path : path + "?" + Endpoint.form(query))
        if !form.isEmpty {
            request.method = .POST
            request.headers.replaceOrAdd(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: Endpoint.form(form)))
        }
        let response = try await execute(request)
        let body = try await collect(response)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        guard response.status == .ok else { throw refusal(response.status, body, decoder) }
        do {
            let envelope = try decoder.decode(Envelope<Answer>.self, from: body)
            for text in envelope.warnings ?? [] { warn(text) }
            for text in envelope.infos ?? [] {
                if let inform { inform(text) } else { warn(text) }
            }
            guard let data = envelope.data else { throw ClientError.unreadable(reason: "it has no data") }
            return data
        } catch let error as DecodingError {
            throw ClientError.unreadable(reason: QueryClient.reason(error))
        }
    }

    /// Sends `body`; the `data` of the answer's envelope.
    func post<Answer: Codable & Sendable>(
        _ path: String, parameters: [(name: String, value: String)], body: [UInt8], as: Answer.Type
    ) async throws -> Answer {
        var request = self.request(path + "?" + Endpoint.form(parameters))
        request.method = .POST
        request.headers.replaceOrAdd(name: "content-type", value: "application/octet-stream")
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await answer(to: request)
    }

    /// Deletes what is at `path`; the `data` of the answer's envelope.
    func delete<Answer: Codable & Sendable>(_ path: String, as: Answer.Type) async throws -> Answer {
        var request = self.request(path)
        request.method = .DELETE
        return try await answer(to: request)
    }

    private func answer<Answer: Codable & Sendable>(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await execute(request)
        let answer = try await collect(response)
        guard response.status == .ok else { throw refusal(response.status, answer, JSONDecoder()) }
        guard let envelope = try? JSONDecoder().decode(Envelope<Answer>.self, from: answer), let data = envelope.data
        else { throw ClientError.unreadable(reason: "it has no data") }
        return data
    }

    /// Streams the answer to `body`, piece by piece; memory is that of one piece.
    func stream(
        _ path: String, parameters: [(name: String, value: String)], _ body: (ByteBuffer) throws -> Void
    ) async throws {
        let response = try await execute(request(path + "?" + Endpoint.form(parameters)))
        guard response.status == .ok else {
            throw refusal(response.status, try await collect(response), JSONDecoder())
        }
        do {
            for try await piece in response.body { try body(piece) }
        } catch let error as OutputError {
            throw error
        } catch let error as BackupError {
            throw error
        } catch let error as FileError {
            throw error
        } catch {
            throw ClientError.cutOff(reason: QueryClient.reason(error))
        }
    }

    private func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.requestURL(path))
        switch endpoint {
        case .socket:
            request.headers.add(name: "host", value: "localhost")
        case .url(_, let token):
            if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        }
        request.headers.add(name: "user-agent", value: "quantrac/\(Quantrac.version)")
        return request
    }

    private func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, timeout: .seconds(90))
        } catch {
            throw connectionError(error)
        }
    }

    private func collect(_ response: HTTPClientResponse) async throws -> Data {
        do {
            return Data((try await response.body.collect(upTo: QueryClient.largestAnswer)).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw ClientError.unreadable(reason: "it is longer than \(QueryClient.largestAnswer >> 20) MiB")
        } catch {
            throw ClientError.cutOff(reason: QueryClient.reason(error))
        }
    }

    /// What a failed connection means. System errors come as `IOError`; for TCP they are wrapped, one for each address.
    private func connectionError(_ error: any Error) -> ClientError {
        if let error = error as? HTTPClientError, [.connectTimeout, .readTimeout, .deadlineExceeded].contains(error) {
            return .timedOut(address: endpoint.address)
        }
        guard case .socket(let path) = endpoint, let code = (error as? IOError)?.errnoCode else {
            let reason = QueryClient.reason(error)
            // What the system said, without the names of the layers that passed it on.
            let plain = QueryClient.systemMessages.first { reason.contains($0) }
            return .unreachable(address: endpoint.address, reason: plain ?? reason)
        }
        switch code {
        case ENOENT, ENOTDIR: return .socketMissing(path: path)
        case EACCES, EPERM: return .socketForbidden(path: path)
        case ECONNREFUSED: return QueryClient.isSocket(path) ? .socketRefused(path: path) : .notASocket(path: path)
        default: return .unreachable(address: path, reason: String(cString: strerror(code)))
        }
    }

    /// The daemon's own words for an answer that is not 200.
    private func refusal(_ status: HTTPResponseStatus, _ body: Data, _ decoder: JSONDecoder) -> ClientError {
        // Of an error's envelope only the words count; its data may have any shape.
        let envelope = try? decoder.decode(ErrorWords.self, from: body)
        guard let message = envelope?.error else {
            return .notQuantrac(address: endpoint.address, status: Int(status.code))
        }
        return status == .unauthorized || status == .forbidden
            ? .unauthorised(message: message) : .daemon(message: String(message.prefix(4000)))
    }

    private struct ErrorWords: Decodable {
        var error: String?
    }

    private static let systemMessages = [
        "Connection refused", "No route to host", "Network is unreachable", "Connection timed out",
        "Name or service not known", "Temporary failure in name resolution", "CERTIFICATE_VERIFY_FAILED",
    ]
    private static let largestAnswer = 256 << 20

    private static func isSocket(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFSOCK
    }

    private static func reason(_ error: any Error) -> String {
        String(String(describing: error).prefix(400))
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "'\(key.stringValue)' is missing at \(place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.debugDescription) at \(place(context))"
        case .dataCorrupted(let context): context.debugDescription
        @unknown default: reason(error as any Error)
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
        return path.isEmpty ? "the top" : path.joined(separator: ".")
    }
}
