import Hummingbird
import PromQL

/// `query` and `query_range`, and the exemplars that Grafana asks for and that sensors don't have.
struct QueryRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane
    let limits: QueryLimits

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("query") { request, context in
            try await answer(try .instant(.of(request, context), within: limits), context)
        }
        api.ask("query_range") { request, context in
            try await answer(try .range(.of(request, context), within: limits), context)
        }
        api.ask("query_exemplars") { _, _ in try APIAnswer.success([String]()) }
    }

    /// Runs `query` on a thread that may wait, and streams what it answers.
    private func answer(_ query: AskedQuery, _ context: QueryContext) async throws -> Response {
        let client = await context.client()
        var options = query.options
        options.isCancelled = { client?.hasGone ?? false }
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) { [backend, options] in
            let source = WatchedSource(backend.source())
            var answer = try query.run(source, options)
            answer.warnings += source.warnings
            return query.pieces(answer)
        }
    }
}
