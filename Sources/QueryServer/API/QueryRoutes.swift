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
        return try await answer(parameters, context, options(parameters)) { source, options in
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
        return try await answer(parameters, context, options(parameters)) { source, options in
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

    private typealias Run = @Sendable (any SeriesSource, QueryOptions) throws -> QueryAnswer

    /// Answers at once what is at hand. Other queries run on a thread that may wait, and what they answer is streamed.
    private func answer(
        _ parameters: FormParameters, _ context: QueryContext, _ options: QueryOptions, _ run: @escaping Run
    ) async throws -> Response {
        let isShort = parameters["query"].map { $0.utf8.count <= QueryRoutes.longestAtHand } ?? false
        if isShort, let answer = answerAtHand(options, run) {
            return try await response(parameters, on: nil) { answer }
        }
        let client = await context.client()
        var options = options
        options.isCancelled = { client?.hasGone ?? false }
        return try await response(parameters, on: lane) { [backend, options] in
            let source = WatchedSource(backend.source())
            var answer = try run(source, options)
            answer.warnings += source.warnings
            return answer
        }
    }

    /// What a query may cost on the thread of a connection, which others share: some hundred microseconds.
    private static let limitsAtHand = QueryLimits(
        maximumPointsPerSeries: 2000, maximumSubquerySteps: 0, maximumSeries: 2000, maximumSamples: 4000,
        maximumPoints: 4000, maximumMemory: 1 << 20, maximumLabelBytes: 1024, timeout: .milliseconds(2))
    /// Longer ones may take long for reasons that no limit knows.
    private static let longestAtHand = 512

    /// Answers a query if that is short, and nothing need be looked for or waited for, as where a dashboard asks for newest values
    /// or for one sensor's day again and again. Nil if it is not, or if something is wrong: then a thread that may wait finds
    /// out what.
    private func answerAtHand(_ options: QueryOptions, _ run: Run) -> QueryAnswer? {
        var options = options
        let timeout = options.limits.timeout
        options.limits = QueryRoutes.limitsAtHand
        options.limits.timeout = min(options.limits.timeout, timeout)
        return backend.sourceAtHand().flatMap { try? run($0, options) }
    }

    private func response(
        _ parameters: FormParameters, on lane: BlockingLane?, _ make: @escaping @Sendable () throws -> QueryAnswer
    ) async throws -> Response {
        let limit = try parameters.limit()
        let withStats = parameters["stats"] != nil
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) {
            QueryAnswerPieces(try make(), limit: limit, withStats: withStats)
        }
    }

    private func options(_ parameters: FormParameters) throws -> QueryOptions {
        var options = QueryOptions(limits: limits)
        if let lookback = try parameters.duration("lookback_delta") {
            guard lookback.milliseconds > 0 else {
                throw APIError.invalidParameter("lookback_delta", "it must be more than 0")
            }
            options.lookbackMilliseconds = lookback.milliseconds
        }
        if let timeout = try parameters.duration("timeout") {
            options.limits.timeout = min(limits.timeout, .milliseconds(max(0, timeout.milliseconds)))
        }
        return options
    }
}
