import Intake
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// On SIGHUP reads the rule files anew, and of the configuration what can change while the daemon runs: `alerts.rules`,
/// `alerts.notify`, `alerts.maintenance`, `alerts.dependencies`, `households` and `log.level`.
struct ReloadService: Service {
    let alerts: AlertLoop
    let delivery: DeliveryService
    let errands: IngestErrands
    let level: LogLevel
    /// Reads the configuration as at the start.
    let readConfiguration: @Sendable () throws -> Configuration
    let fault: ConfigurationFault
    let systemd: SystemdNotifier
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            systemd.reloading()
            await reload()
            systemd.ready("rules and configuration read anew")
        }
    }

    /// A configuration that is wrong leaves everything as it is, but the rules.
    private func reload() async {
        do {
            let configuration = try readConfiguration()
            level.now = configuration.level
            await alerts.reload(patterns: configuration.alerts.rules)
            // The messages that come from now on.
            try? await errands.run { [router = configuration.households.router] in $0.intake.router = router }
            try await delivery.reload(configuration.alerts)
            fault.text = nil
            // Channels that are new hear of what fires.
            alerts.reconcileSoon()
        } catch {
            fault.text = "\(error)"
            logger.error("the configuration stays as it was: \(error)")
            await alerts.reload(patterns: nil)
        }
    }
}

/// What was wrong with the configuration when it was read anew; nil if nothing was.
final class ConfigurationFault: Sendable {
    private let state = Mutex<String?>(nil)

    var text: String? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
