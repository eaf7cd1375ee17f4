import Hummingbird
import PromQL
import QueryAPI
import Readings

/// `GET|POST /api/v1/silences`, `DELETE /api/v1/silences/ID` and `POST /api/v1/alerts/acknowledge`: what people do not want to hear
/// of for a while.
///
/// A silence takes `matcher` (such as `device="freezer"`; of several all must be met) or `alert` (a name or a fingerprint), and `for`
/// or `ends`; `starts`, `by`, `comment`, and `kind` (`silence` or `snooze`) may be there. To acknowledge takes `alert`, `by` and
/// `comment`. All take `household`, which bounds what is seen and meant.
struct SilenceRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.get("silences", use: list)
        api.post("silences", use: silence)
        api.delete("silences/:id", use: end)
        api.post("alerts/acknowledge", use: acknowledge)
    }

    @Sendable private func list(_ request: Request, _ context: QueryContext) async throws -> Response {
        let household = try await FormParameters.of(request, context)["household"]
        return try await lane.answer { [backend] in backend.silences(of: household) }
    }

    @Sendable private func silence(_ request: Request, _ context: QueryContext) async throws -> Response {
        try WebPageGuard.check(request, context)
        let parameters = try await FormParameters.of(request, context)
        guard let kind = SilenceWish.Kind(rawValue: parameters["kind"] ?? "silence"), kind != .acknowledge else {
            throw APIError.invalidParameter("kind", "it must be silence or snooze")
        }
        var wish = SilenceRoutes.wish(kind, parameters)
        wish.matchers = try SilenceRoutes.matchers(parameters.all("matcher"))
        wish.starts = try parameters.time("starts")
        wish.ends = try parameters.time("ends")
        if let duration = try parameters.duration("for") {
            guard wish.ends == nil else { throw APIError.invalidParameter("for", "it excludes ends") }
            // Beyond any silence, and far from where numbers end.
            let milliseconds = min(max(0, duration.milliseconds), 10 * 365 * 86_400_000)
            wish.ends = (wish.starts ?? APITime.now).advanced(byMilliseconds: milliseconds)
        }
        return try await carryOut(wish, warnings: try await unknownNames(wish))
    }

    /// A name that no rule has is most likely mistyped, and yet may be that of a rule that is to come.
    private func unknownNames(_ wish: SilenceWish) async throws -> [String]? {
        let named = wish.matchers.filter { $0.name == "alertname" && $0.operator == .equal }.map(\.value)
        let alerts = named + (wish.alert.map { [$0] } ?? [])
        guard !alerts.isEmpty else { return nil }
        let rules = try await lane.run { [backend] in backend.ruleGroups().flatMap(\.rules) }
        let unknown = alerts.filter { alert in
            !rules.contains { $0.name == alert || $0.alerts.contains { $0.fingerprint == alert } }
        }
        return unknown.isEmpty
            ? nil
            : unknown.map { "no rule is called \"\($0)\" and no alert is: this silences nothing that there is now" }
    }

    @Sendable private func acknowledge(_ request: Request, _ context: QueryContext) async throws -> Response {
        try WebPageGuard.check(request, context)
        let parameters = try await FormParameters.of(request, context)
        _ = try parameters.required("alert")
        return try await carryOut(SilenceRoutes.wish(.acknowledge, parameters))
    }

    @Sendable private func end(_ request: Request, _ context: QueryContext) async throws -> Response {
        try WebPageGuard.check(request, context)
        let household = try FormParameters([(request.uri.query ?? "")[...].utf8])["household"]
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }) else {
            throw APIError.invalidParameter("id", "it must be a silence's number")
        }
        return try await SilenceRoutes.explaining {
            let (ended, isKept) = try await backend.endSilence(id, household: household)
            return try APIAnswer.success(ended, warnings: isKept ? nil : [SilenceRoutes.notKept])
        }
    }

    private func carryOut(_ wish: SilenceWish, warnings: [String]? = nil) async throws -> Response {
        try await SilenceRoutes.explaining {
            let (made, isKept) = try await backend.silence(wish)
            return try APIAnswer.success(made, warnings: isKept ? warnings : (warnings ?? []) + [SilenceRoutes.notKept])
        }
    }

    private static let notKept =
        "this can't be written to the disk now, and a restart before it can would undo it; 'quantrac status' says why"

    private static func wish(_ kind: SilenceWish.Kind, _ parameters: FormParameters) -> SilenceWish {
        var wish = SilenceWish(kind: kind)
        wish.alert = parameters["alert"]
        wish.household = parameters["household"]
        wish.author = parameters["by"] ?? ""
        wish.comment = parameters["comment"] ?? ""
        return wish
    }

    private static func matchers(_ texts: [String]) throws(APIError) -> [LabelMatcher] {
        do {
            return try parseMatchers(texts)
        } catch {
            throw .invalidParameter("matcher", error.description)
        }
    }

    private static func explaining(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let fault as SilenceFault {
            throw fault.isMissing ? APIError(.notFound, fault.description) : APIError.badData(fault.description)
        }
    }
}
