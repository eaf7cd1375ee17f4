import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the rule files and the channels of `alerts.notify` anew on SIGHUP.
struct ReloadService: Service {
    let alerts: AlertLoop
    let delivery: DeliveryService
    /// Reads the configuration as at the start.
    let readConfiguration: @Sendable () throws -> Configuration
    let fault: ConfigurationFault
    let systemd: SystemdNotifier
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            systemd.reloading()
            await alerts.reload()
            await reloadChannels()
            systemd.ready("rules and channels read anew")
        }
    }

    /// What is wrong leaves the channels as they are.
    private func reloadChannels() async {
        do {
            try await delivery.reload(try readConfiguration().alerts.notify)
            fault.text = nil
            // Channels that are new hear of what fires.
            await alerts.reconcile()
        } catch {
            fault.text = "\(error)"
            logger.error("the channels of alerts.notify stay as they are: \(error)")
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
