import ServiceLifecycle
import UnixSignals

/// Reads the rule files anew on SIGHUP.
struct ReloadService: Service {
    let alerts: AlertLoop
    let systemd: SystemdNotifier

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            systemd.reloading()
            await alerts.reload()
            systemd.ready("rules read anew")
        }
    }
}
