import Hummingbird
import QueryAPI

/// How the daemon, its devices and its alerts are.
struct ReportRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("devices") { [backend, lane] _, _ in try await lane.answer { try backend.devices() } }
        api.ask("status") { [backend, lane] _, _ in try await lane.answer { backend.status() } }
        api.ask("alerts") { [backend, lane] _, _ in
            try await lane.answer { Alerts(alerts: backend.ruleGroups().flatMap(\.rules).flatMap(\.alerts)) }
        }
        api.ask("notices") { [backend, lane] _, _ in try await lane.answer { backend.notices() } }
        api.ask("alerts/digest") { [backend] request, context in
            let household = try await FormParameters.of(request, context)["household"]
            return try APIAnswer.success(await backend.digests(of: household))
        }
        api.ask("status/buildinfo") { [backend, lane] _, _ in
            try await lane.answer { BuildInfo(quantrac: backend.status().version) }
        }
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
}
