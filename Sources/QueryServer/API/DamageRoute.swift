import Hummingbird
import PromQL
import QueryAPI
import Readings

/// `GET|POST /api/v1/damage`: what is known to be damaged of the chosen series. Whoever has streamed an export learns here what
/// is not in it.
struct DamageRoute: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("damage", use: damage)
    }

    @Sendable private func damage(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let choice = try SeriesChoice(parameters, matchRequired: false)
        return try await lane.answer { [backend] in
            try choice.series(of: backend.source()).flatMap { series in
                series.damage(in: choice.range).map { damage in
                    DamageReport(
                        metric: Dictionary(uniqueKeysWithValues: series.labels.sorted.map { ($0.name, $0.value) }),
                        from: damage.range.lowerBound.rfc3339, to: damage.range.upperBound.rfc3339, what: damage.what)
                }
            }
        }
    }
}
