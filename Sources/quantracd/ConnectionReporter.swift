import Logging
import MQTTSubscriber
import ServiceLifecycle

/// Writes to the log, and tells systemd, when the connection to the broker comes or goes.
struct ConnectionReporter: Service {
    let link: BrokerLink
    let systemd: SystemdNotifier
    let logger: Logger

    func run() async throws {
        var reported: BrokerLink.Status?
        for await _ in AsyncTimer(every: .milliseconds(500)).cancelOnGracefulShutdown() {
            let status = link.status
            if status.state == .connecting { continue }
            if reported?.state != status.state || reported?.lastError != status.lastError { report(status) }
            if let before = reported, status.sessionsLost > before.sessionsLost {
                logger.warning("the broker had forgotten our session: messages since the last connection may be lost")
            }
            reported = status
        }
    }

    private func report(_ status: BrokerLink.Status) {
        switch status.state {
        case .connecting, .stopped: return
        case .connected(let version):
            systemd.status("connected to the broker (MQTT \(version))")
            logger.info("connected to the broker (MQTT \(version))")
            if let error = status.lastError { logger.warning("\(error)") }
        case .waiting:
            let reason = status.lastError?.description ?? "unknown reason"
            if case .notDurable = status.lastError {
                systemd.status(reason)
                logger.error("\(reason)")
            } else {
                systemd.status("no broker: \(reason)")
                logger.warning("no broker, trying again: \(reason)")
            }
        }
    }
}

/// Ticks for ever, first at once.
struct AsyncTimer: AsyncSequence {
    let interval: Duration

    init(every interval: Duration) {
        self.interval = interval
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let interval: Duration
        var isFirst = true

        mutating func next() async -> Void? {
            if isFirst {
                isFirst = false
                return ()
            }
            do {
                try await Task.sleep(for: interval)
                return ()
            } catch {
                return nil
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(interval: interval)
    }
}
