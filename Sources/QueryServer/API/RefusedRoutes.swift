import Foundation
import Hummingbird
import QueryAPI

/// `GET /api/v1/refused`: messages that yielded no reading; `POST /api/v1/refused/replay`: a second try with them.
///
/// Both take `reason` and `topic` (an MQTT topic filter); the list takes `limit` and `payload`, the bytes shown of each payload.
/// A replay answers after ten seconds at the latest; `next` of its answer, given as `from`, lets the next one go on.
struct RefusedRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    private static let mostMessages = 1000
    private static let mostPayloadBytes = 64 << 10
    /// Of all payloads of one answer.
    private static let mostBytes = 8 << 20

    func add(to api: RouterGroup<QueryContext>) {
        api.get("refused", use: list)
        api.post("refused/replay", use: replay)
    }

    @Sendable private func list(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        var query = RefusedRoutes.query(parameters)
        if let limit = try parameters.limit() { query.limit = min(limit, RefusedRoutes.mostMessages) }
        if let text = parameters["payload"] {
            guard let bytes = Int(text), (0...RefusedRoutes.mostPayloadBytes).contains(bytes) else {
                throw APIError.invalidParameter(
                    "payload", "it must be a number of bytes, at most \(RefusedRoutes.mostPayloadBytes)")
            }
            query.payloadBytes = bytes
            if bytes > 0 { query.limit = min(query.limit, RefusedRoutes.mostBytes / bytes) }
        }
        return try await RefusedRoutes.explaining { try await lane.answer { [query] in try backend.refused(query) } }
    }

    @Sendable private func replay(_ request: Request, _ context: QueryContext) async throws -> Response {
        try WebPageGuard.check(request, context)
        let parameters = try await FormParameters.of(request, context)
        var query = RefusedRoutes.query(parameters)
        if let text = parameters["from"] {
            guard let from = Int64(text) else { throw APIError.invalidParameter("from", "it must be a whole number") }
            query.from = from
        }
        return try APIAnswer.success(
            try await RefusedRoutes.explaining { [query] in try await backend.replayRefused(query) })
    }

    private static func query(_ parameters: FormParameters) -> RefusedQuery {
        RefusedQuery(reason: parameters["reason"], topic: parameters["topic"])
    }

    private static func explaining<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let fault as RefusedQueryFault {
            throw APIError.invalidParameter("topic", fault.description)
        } catch let refusal as ReplayRefused {
            throw APIError(.execution, refusal.description, status: .serviceUnavailable)
        }
    }
}

extension RefusedReport.Message {
    /// - Parameters:
    ///   - payload: its beginning; as text if it is UTF-8, without a character that it was cut in.
    ///   - isCutOff: whether the payload goes on.
    public init(
        id: Int64, time: String, household: String?, topic: String, reason: String, detail: String,
        convention: String?, retained: Bool, payload: [UInt8], isCutOff: Bool, payloadBytes: Int, replayable: Bool
    ) {
        let text = RefusedReport.Message.text(payload, isCutOff: isCutOff)
        self.init(
            id: id, time: time, household: household, topic: topic, reason: reason, detail: detail,
            convention: convention, retained: retained, payload: text,
            payloadBase64: text == nil ? Data(payload).base64EncodedString() : nil, payloadIsCut: isCutOff,
            payloadBytes: payloadBytes, replayable: replayable)
    }

    private static func text(_ payload: [UInt8], isCutOff: Bool) -> String? {
        if let whole = String(validating: payload, as: UTF8.self) { return whole }
        guard isCutOff, let start = payload.lastIndex(where: { !UTF8.isContinuation($0) }), start + 4 > payload.count
        else { return nil }
        return String(validating: payload[..<start], as: UTF8.self)
    }
}
