import Energy
import Foundation
import Hummingbird
import PromQL
import QueryAPI
import Readings

/// `GET|POST /api/v1/energy`: what a device's counter says was consumed in each hour, day or month.
///
/// Parameters: `device`, `by`, `start`; `end` (now, if absent), `household`, `metric` (a name, or a selector such as
/// `energy{phase="a"}`; chosen if absent) and `zone` (the daemon's own, if absent). Periods are whole: the first holds
/// `start`, the last what precedes `end`.
struct EnergyRoute: Sendable {
    /// As many as a history has steps.
    private static let mostPeriods: Int64 = 11_000

    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("energy", use: energy)
    }

    @Sendable private func energy(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let matchers = try matchers(parameters)
        guard let kind = parameters["by"].flatMap(PeriodKind.init(rawValue:)) else {
            throw APIError.invalidParameter("by", "it must be hour, day or month")
        }
        let start = try parameters.required("start", parameters.time)
        let end = try parameters.time("end") ?? APITime.now
        guard start < end else {
            throw APIError.invalidParameter("end", "end timestamp must be after start time")
        }
        guard end.milliseconds(since: start) / kind.leastLength < EnergyRoute.mostPeriods else {
            throw APIError.badData("more than \(EnergyRoute.mostPeriods) periods: ask for a shorter range")
        }
        let zone = try zone(parameters)
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) { [backend] in
            let edges = kind.edges(from: start, to: end, zone: zone)
            let series = try EnergyRoute.counter(of: backend.source(), matchers)
            return try EnergyPieces(CounterReader(series: series, edges: edges), by: kind, zone: zone)
        }
    }

    private func zone(_ parameters: FormParameters) throws -> TimeZone {
        guard let name = parameters["zone"] else { return .current }
        guard name.utf8.count < 64, let zone = TimeZone(identifier: name) else {
            throw APIError.invalidParameter("zone", "there is no time zone of this name")
        }
        return zone
    }

    private func matchers(_ parameters: FormParameters) throws -> [LabelMatcher] {
        var matchers = [LabelMatcher(LabelName.device, equals: try parameters.required("device"))]
        if let household = parameters["household"] {
            matchers.append(LabelMatcher(LabelName.household, equals: household))
        }
        guard let metric = parameters["metric"] else { return matchers }
        guard metric.contains("{") else { return matchers + [LabelMatcher(LabelName.metric, equals: metric)] }
        do {
            return try matchers + parseSelector(metric)
        } catch {
            throw APIError.invalidParameter("metric", error.description)
        }
    }

    /// The one series that is meant, or fits best.
    private static func counter(of source: any SeriesSource, _ matchers: [LabelMatcher]) throws -> any SelectedSeries {
        let found = try source.series(matching: matchers, in: APITime.earliest...APITime.latest)
        let households = Set(found.map(\.labels.household))
        guard households.count <= 1 else {
            let names = households.sorted().prefix(20).joined(separator: ", ")
            throw APIError.badData("several households have such a device: choose one with 'household', of \(names)")
        }
        guard !found.isEmpty else { throw APIError(.notFound, "there are no such readings") }
        // Whoever names a metric has chosen.
        if found.count == 1, matchers.contains(where: { $0.name == LabelName.metric }) { return found[0] }
        let candidates = found.map { CounterCandidate(labels: $0.labels, unit: $0.unit) }
        do {
            return found[try CounterChoice.choose(among: candidates)]
        } catch {
            throw APIError.badData(error.description)
        }
    }
}
