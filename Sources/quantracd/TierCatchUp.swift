import ServiceLifecycle

/// Has the tiers brought up to date after the start, though no reading may come in that would do it.
struct TierCatchUp: Service {
    let errands: IngestErrands

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await errands.run { $0.batch.catchUp() }) ?? false {
                guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { break }
            }
        }
        // A service that ends before the others counts as failed.
        try? await gracefulShutdown()
    }
}
