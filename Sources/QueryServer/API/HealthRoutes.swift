import Hummingbird

/// What service supervisors and Prometheus itself ask.
struct HealthRoutes: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to router: Router<QueryContext>) {
        router.get("-/healthy") { _, _ in PlainText.response("Quantrac is healthy.\n") }
        router.get("-/ready") { [backend] _, _ in
            backend.isReady
                ? PlainText.response("Quantrac is ready.\n")
                : PlainText.response("Quantrac is not ready: see `quantrac status`.\n", status: .serviceUnavailable)
        }
        router.get("metrics") { [backend, lane] _, _ in
            let text = try await lane.run { MetricsText.render(backend.metrics()) }
            return Response(
                status: .ok, headers: [.contentType: MetricsText.contentType], body: ResponseBody(byteBuffer: text))
        }
    }
}
