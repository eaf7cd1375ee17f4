import ServiceLifecycle

/// Has the last word on late readings: what is stored while the daemon stops is stored after rules have been evaluated for the last
/// time, and would count behind the restart.
///
/// It must stop after the service that takes messages, and before the one that closes the outbox.
struct LateService: Service {
    let alerts: AlertLoop

    func run() async throws {
        try? await gracefulShutdown()
        await alerts.keepLastLateReadings()
    }
}
