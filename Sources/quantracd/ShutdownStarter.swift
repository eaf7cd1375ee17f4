import Foundation
import Glibc
import Logging
import MQTTSubscriber
import ServiceLifecycle

/// Begins the end, and sees to it that there is one: of all services it hears first that the daemon is to stop.
struct ShutdownStarter: Service {
    let feed: LiveFeed
    let link: BrokerLink
    let systemd: SystemdNotifier
    let logger: Logger
    let socketPath: String

    /// The whole stop may take five seconds. By now everything that was acknowledged has long been durable; what still runs
    /// is an answer that nobody waits for any more.
    /// In seconds.
    private static let patience = 4.2

    func run() async throws {
        try? await gracefulShutdown()
        systemd.stopping()
        // The ingest thread can commit and leave while the server still finishes its answers.
        link.stop()
        // Streams that never end by themselves would keep the server waiting.
        feed.close()
        // A thread of its own: a queue's turn may come late while queries keep every core busy.
        let watch = Thread { [logger, socketPath] in
            Thread.sleep(forTimeInterval: Self.patience)
            logger.notice("stopped without waiting for the queries that still run")
            unlink(socketPath)
            // Not `exit`, which would wait for what the running threads hold.
            _exit(0)
        }
        watch.name = "stop"
        watch.start()
    }
}
