import Foundation
import MQTTSubscriber
import ServiceLifecycle

/// Runs the ingest thread, which owns the broker's socket and the store's writer.
struct IngestService: Service {
    private let link: BrokerLink
    private let start: Event
    private let body: @Sendable () -> Void

    /// A thread that is held up inside the library (a name server that does not answer) is not waited for longer: what
    /// it had read is not acknowledged, so nothing is lost.
    private static let patience = Duration.milliseconds(1500)

    /// - Parameters:
    ///   - start: what must have happened before the thread may begin. A daemon that finds its query socket busy must not
    ///     have taken the session, and messages, from the one that runs.
    ///   - body: what the thread does; it returns soon after `link.stop()`.
    init(link: BrokerLink, after start: Event, body: @escaping @Sendable () -> Void) {
        self.link = link
        self.start = start
        self.body = body
    }

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await start.wait()
        } onCancelOrGracefulShutdown: {
            // Before the thread begins, so that it does not even connect.
            link.stop()
            start.happen()
        }
        let ended = Event()
        let thread = Thread { [body] in
            body()
            ended.happen()
        }
        thread.name = "ingest"
        // Decoders recurse no deeper than their limit; the default of 8 MiB is address space that is never touched.
        thread.stackSize = 2 << 20
        thread.start()
        await withTaskCancellationOrGracefulShutdownHandler {
            await ended.wait()
        } onCancelOrGracefulShutdown: {
            link.stop()
            Task {
                try? await Task.sleep(for: Self.patience)
                ended.happen()
            }
        }
        // The link may be stopped before our turn comes; a service that ends before that counts as failed.
        try? await gracefulShutdown()
    }
}
