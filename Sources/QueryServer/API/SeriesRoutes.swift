import Foundation
import Hummingbird
import PromQL
import QueryAPI
import Readings

/// What there is to ask for: series, label names, label values, and what is known of each metric.
struct SeriesRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("series", use: series)
        api.ask("labels", use: labelNames)
        api.ask("label/:name/values", use: labelValues)
        api.ask("metadata", use: metadata)
    }

    @Sendable private func series(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let choice = try SeriesChoice(parameters, matchRequired: true)
        let limit = try parameters.limit()
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) { [backend] in
            let found = try choice.series(of: backend.source()).map(\.labels)
            return ListAnswer(found, limit: limit) { labels, out in out.writeJSON(labels.sorted) }
        }
    }

    @Sendable private func labelNames(_ request: Request, _ context: QueryContext) async throws -> Response {
        try await strings(FormParameters.of(request, context)) { labels in labels.sorted.map(\.name) }
    }

    @Sendable private func labelValues(_ request: Request, _ context: QueryContext) async throws -> Response {
        let escaped = context.parameters.get("name") ?? ""
        let name = LabelNameEscape.unescaped(escaped.removingPercentEncoding ?? escaped)
        guard !name.isEmpty else { throw APIError.badData("invalid label name: \"\"") }
        return try await strings(FormParameters.of(request, context)) { labels in labels[name].map { [$0] } ?? [] }
    }

    /// The distinct texts that `texts` takes from the chosen series, sorted.
    private func strings(
        _ parameters: FormParameters, _ texts: @escaping @Sendable (Labels) -> [String]
    ) async throws -> Response {
        let choice = try SeriesChoice(parameters, matchRequired: false)
        let limit = try parameters.limit()
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) { [backend] in
            var found: Set<String> = []
            for series in try choice.series(of: backend.source()) { found.formUnion(texts(series.labels)) }
            return ListAnswer(found.sorted(), limit: limit) { text, out in out.writeJSONString(text) }
        }
    }

    /// One entry for each unit that the metric's series have. Whether a value counts up is not known: `unknown`.
    private struct Metadata: Codable, Sendable {
        var type = "unknown"
        var help = ""
        var unit: String
    }

    @Sendable private func metadata(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let limit = try parameters.limit()
        let selector = parameters["metric"].map { [LabelMatcher(LabelName.metric, equals: $0)] } ?? []
        return try await lane.answer { [backend] in
            var units: [String: Set<String>] = [:]
            for series in try backend.source().series(matching: selector, in: APITime.earliest...APITime.latest) {
                units[series.labels.metric, default: []].insert(series.unit ?? "")
            }
            let kept = units.sorted { $0.key < $1.key }.prefix(limit ?? units.count)
            return Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value.sorted().map { Metadata(unit: $0) }) })
        }
    }
}
