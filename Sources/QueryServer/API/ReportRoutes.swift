import Hummingbird
import QueryAPI

/// How the daemon, its devices and its rules are.
struct ReportRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.get("devices") { [backend, lane] _, _ in try await lane.answer { try backend.devices() } }
        api.get("status") { [backend, lane] _, _ in try await lane.answer { backend.status() } }
        api.get("rules", use: rules)
        api.get("alerts") { [backend, lane] _, _ in
            try await lane.answer { Alerts(alerts: backend.ruleGroups().flatMap(\.rules).flatMap(\.alerts)) }
        }
        api.get("notices") { [backend, lane] _, _ in try await lane.answer { backend.notices() } }
        api.get("alerts/digest") { [backend] request, context in
            let household = try await FormParameters.of(request, context)["household"]
            return try APIAnswer.success(await backend.digests(of: household))
        }
        api.get("status/buildinfo") { [backend, lane] _, _ in
            try await lane.answer { BuildInfo(quantrac: backend.status().version) }
        }
    }

    private struct Groups: Codable, Sendable {
        var groups: [RuleGroupReport]
    }

    private struct Alerts: Codable, Sendable {
        var alerts: [AlertReport]
    }

    /// What Grafana asks to learn which features it may use. `version` is the Prometheus release whose language and API
    /// are spoken here; a key `features` would make Grafana take this for Mimir.
    private struct BuildInfo: Codable, Sendable {
        var version = "3.14.0"
        var revision = ""
        var branch = ""
        var buildUser = ""
        var buildDate = ""
        var goVersion = ""
        var application = "quantrac"
        /// Quantrac's own version
        var quantrac: String
    }

    /// `type=alert` or `type=record` picks a kind of rule, as in Prometheus.
    @Sendable private func rules(_ request: Request, _ context: QueryContext) async throws -> Response {
        let wanted: String?
        switch try await FormParameters.of(request, context)["type"] {
        case nil: wanted = nil
        case "alert": wanted = "alerting"
        case "record": wanted = "recording"
        case let other?: throw APIError.invalidParameter("type", "not supported value \"\(other)\"")
        }
        return try await lane.answer { [backend] in
            var groups = backend.ruleGroups()
            if let wanted {
                for index in groups.indices { groups[index].rules.removeAll { $0.type != wanted } }
                groups.removeAll { $0.rules.isEmpty }
            }
            return Groups(groups: groups)
        }
    }
}
