import Hummingbird
import NIOCore

/// Which path is answered by what.
enum QueryRouter {
    static func make(
        configuration: QueryServer.Configuration, backend: any QueryBackend
    ) -> Router<QueryContext> {
        let limits = configuration.limits
        // Long reading, and short: neither waits for the other's turn.
        let queries = BlockingLane(concurrent: limits.concurrentQueries, waiting: limits.waitingRequests)
        // One takes a core, and memory, for up to a minute.
        let trials = BlockingLane(concurrent: 1, waiting: limits.waitingRequests)
        let reports = BlockingLane(concurrent: 4, waiting: limits.waitingRequests)

        let router = Router(context: QueryContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: GzipAnswers())
        router.add(middleware: ErrorEnvelopes())
        router.add(middleware: HostCheck(configuration))

        let api = router.group("api/v1")
        QueryRoutes(backend: backend, lane: queries, limits: limits.query).add(to: api)
        ExportRoute(backend: backend, lane: queries).add(to: api)
        HistoryRoute(backend: backend, lane: queries).add(to: api)
        EnergyRoute(backend: backend, lane: queries).add(to: api)
        DamageRoute(backend: backend, lane: reports).add(to: api)
        BackupRoute(backend: backend, lane: queries).add(to: api)
        ImportRoute(backend: backend).add(to: api)
        RefusedRoutes(backend: backend, lane: reports).add(to: api)
        SeriesRoutes(backend: backend, lane: reports).add(to: api)
        ReportRoutes(backend: backend, lane: reports).add(to: api)
        RulesRoute(backend: backend, lane: reports).add(to: api)
        ExplainRoute(backend: backend, lane: queries).add(to: api)
        SilenceRoutes(backend: backend, lane: reports).add(to: api)
        RuleTrialRoute(backend: backend, lane: trials).add(to: api)
        LiveRoute(backend: backend, heartbeat: limits.heartbeat).add(to: api)
        HealthRoutes(backend: backend, lane: reports).add(to: router)
        PageRoutes(dygraphsDirectory: configuration.dygraphsDirectory, lane: reports).add(to: router)
        return router
    }
}
