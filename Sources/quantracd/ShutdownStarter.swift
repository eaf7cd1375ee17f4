import MQTTSubscriber
import ServiceLifecycle

/// Begins the end: of all services it hears first that the daemon is to stop.
struct ShutdownStarter: Service {
    let feed: LiveFeed
    let link: BrokerLink
    let systemd: SystemdNotifier

    func run() async throws {
        try? await gracefulShutdown()
        systemd.stopping()
        // The ingest thread can commit and leave while the server still finishes its answers.
        link.stop()
        // Streams that never end by themselves would keep the server waiting.
        feed.close()
    }
}
