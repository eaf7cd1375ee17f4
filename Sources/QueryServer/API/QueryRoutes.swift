import Hummingbird
import PromQL
import Readings

/// `query` and `query_range`, and the exemplars that Grafana asks for and that sensors don't have.
struct QueryRoutes: Sendable {
    /// Prometheus has no bound of its own; no query that people write comes near.
    private static let longestQuery = 64 << 10

    let backend: any QueryBackend
    let lane: BlockingLane
    let limits: QueryLimits

    func add(to api: RouterGroup<QueryContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            api.on("query", method: method, use: instant)
            api.on("query_range", method: method, use: range)
            api.on("query_exemplars", method: method) { _, _ in try APIAnswer.success([String]()) }
        }
    }

    @Sendable private func instant(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let query = try query(of: parameters)
        let time = try parameters.time("time") ?? APITime.now
        return try await answer(parameters, context) { source, options in
            try query.instant(at: time, source: source, options: options)
        }
    }

    @Sendable private func range(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let query = try query(of: parameters)
        let start = try parameters.required("start", parameters.time)
        let end = try parameters.required("end", parameters.time)
        let step = try parameters.required("step", parameters.duration)
        guard start <= end else {
            throw APIError.invalidParameter("end", "end timestamp must not be before start time")
        }
        guard step.milliseconds > 0 else {
            throw APIError.invalidParameter(
                "step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        return try await answer(parameters, context) { source, options in
            try query.range(
                from: start, to: end, stepMilliseconds: step.milliseconds, source: source, options: options)
        }
    }

    private func query(of parameters: FormParameters) throws -> Query {
        let text = try parameters.required("query")
        guard text.utf8.count <= QueryRoutes.longestQuery else {
            throw APIError.invalidParameter("query", "it is longer than \(QueryRoutes.longestQuery) bytes")
        }
        do {
            return try Query(text)
        } catch {
            throw APIError.invalidParameter("query", error.description)
        }
    }

    /// Runs the query on a thread that may wait and streams what it answers.
    private func answer(
        _ parameters: FormParameters, _ context: QueryContext,
        _ run: @escaping @Sendable (any SeriesSource, QueryOptions) throws -> QueryAnswer
    ) async throws -> Response {
        let limit = try parameters.limit()
        let withStats = parameters["stats"] != nil
        let client = await context.client()
        var options = QueryOptions(limits: limits, isCancelled: { client?.hasGone ?? false })
        if let lookback = try parameters.duration("lookback_delta") {
            guard lookback.milliseconds > 0 else {
                throw APIError.invalidParameter("lookback_delta", "it must be more than 0")
            }
            options.lookbackMilliseconds = lookback.milliseconds
        }
        if let timeout = try parameters.duration("timeout") {
            options.limits.timeout = min(limits.timeout, .milliseconds(max(0, timeout.milliseconds)))
        }
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) { [backend, options] in
            let source = WatchedSource(backend.source())
            var answer = try run(source, options)
            answer.warnings += source.warnings
            return QueryAnswerPieces(answer, limit: limit, withStats: withStats)
        }
    }
}
