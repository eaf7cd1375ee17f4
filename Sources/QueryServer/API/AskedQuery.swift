import PromQL
import Readings

/// A query as a request asks it: what of which time, what it may cost, and how much of the answer is wanted.
struct AskedQuery: Sendable {
    /// Prometheus has no bound of its own; no query that people write comes near.
    private static let longest = 64 << 10

    /// Calculates it on a source. Blocking if that is.
    let run: @Sendable (any SeriesSource, QueryOptions) throws -> QueryAnswer
    let options: QueryOptions
    private let limit: Int?
    private let withStats: Bool

    /// What `query` takes: `query`, `time`, and what both take.
    ///
    /// - Throws: ``APIError``.
    static func instant(_ parameters: FormParameters, within limits: QueryLimits) throws(APIError) -> AskedQuery {
        let query = try query(of: parameters)
        let time = try parameters.time("time") ?? APITime.now
        return try AskedQuery(parameters, within: limits) { source, options in
            try query.instant(at: time, source: source, options: options)
        }
    }

    /// What `query_range` takes: `query`, `start`, `end`, `step`, and what both take.
    ///
    /// - Throws: ``APIError``.
    static func range(_ parameters: FormParameters, within limits: QueryLimits) throws(APIError) -> AskedQuery {
        let query = try query(of: parameters)
        let start = try parameters.required("start", parameters.time)
        let end = try parameters.required("end", parameters.time)
        let step = try parameters.required("step", parameters.duration)
        guard start <= end else {
            throw .invalidParameter("end", "end timestamp must not be before start time")
        }
        guard step.milliseconds > 0 else {
            throw .invalidParameter(
                "step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        return try AskedQuery(parameters, within: limits) { source, options in
            try query.range(
                from: start, to: end, stepMilliseconds: step.milliseconds, source: source, options: options)
        }
    }

    /// `lookback_delta`, `timeout`, `limit` and `stats`.
    private init(
        _ parameters: FormParameters, within limits: QueryLimits,
        _ run: @escaping @Sendable (any SeriesSource, QueryOptions) throws -> QueryAnswer
    ) throws(APIError) {
        var options = QueryOptions(limits: limits)
        if let lookback = try parameters.duration("lookback_delta") {
            guard lookback.milliseconds > 0 else {
                throw .invalidParameter("lookback_delta", "it must be more than 0")
            }
            options.lookbackMilliseconds = lookback.milliseconds
        }
        if let timeout = try parameters.duration("timeout") {
            options.limits.timeout = min(limits.timeout, .milliseconds(max(0, timeout.milliseconds)))
        }
        self.run = run
        self.options = options
        limit = try parameters.limit()
        withStats = parameters["stats"] != nil
    }

    private static func query(of parameters: FormParameters) throws(APIError) -> Query {
        let text = try parameters.required("query")
        guard text.utf8.count <= longest else {
            throw .invalidParameter("query", "it is longer than \(longest) bytes")
        }
        do {
            return try Query(text)
        } catch {
            throw .invalidParameter("query", error.description)
        }
    }

    /// What is sent of `answer`.
    func pieces(_ answer: QueryAnswer) -> QueryAnswerPieces {
        QueryAnswerPieces(answer, limit: limit, withStats: withStats)
    }
}
