import MQTTSubscriber
import QueryServer
import RingStore
import Synchronization

/// Readings from elsewhere on their way to the ingest thread, which owns the store's writer.
///
/// Each waits for its turn, and whoever added it waits for it: what is held is bounded by the number of those who wait. The
/// thread takes one between two of the broker's batches, so that neither waits for more than one of the other's.
final class ImportQueue: Sendable {
    private struct Job {
        var readings: [ImportedSeries]
        var continuation: CheckedContinuation<ImportOutcome, any Error>
    }

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
        var totals = ImportOutcome()
    }

    /// As many may wait as the server lets ask at once.
    private static let mostJobs = 64
    private static let stopping = ImportRefused("the daemon is stopping: try again when it runs")
    private let state = Mutex(State())
    private let link: BrokerLink

    init(link: BrokerLink) {
        self.link = link
    }

    /// What was imported since the start.
    var totals: ImportOutcome { state.withLock { $0.totals } }

    /// Returns when the readings are durable.
    ///
    /// - Throws: `ImportRefused`, if they are not: too many wait, the daemon stops, or the disk refuses.
    func add(_ readings: [ImportedSeries]) async throws -> ImportOutcome {
        try await withCheckedThrowingContinuation { continuation in
            let refusal: ImportRefused? = state.withLock { state in
                if state.isClosed { return ImportQueue.stopping }
                guard state.jobs.count < ImportQueue.mostJobs else {
                    return ImportRefused("too many imports are waiting: try again in a moment")
                }
                state.jobs.append(Job(readings: readings, continuation: continuation))
                return nil
            }
            if let refusal { continuation.resume(throwing: refusal) } else { link.wakeUp() }
        }
    }

    /// Does the oldest job, if there is one. Called on the ingest thread.
    func workOnce(_ body: ([ImportedSeries]) throws -> ImportOutcome) {
        let (job, isMore) = state.withLock { state -> (Job?, Bool) in
            let first = state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            return (first, !state.jobs.isEmpty)
        }
        guard let job else { return }
        if isMore { link.wakeUp() }
        do {
            let outcome = try body(job.readings)
            state.withLock { $0.totals += outcome }
            job.continuation.resume(returning: outcome)
        } catch {
            job.continuation.resume(throwing: ImportRefused("nothing of these readings was acknowledged: \(error)"))
        }
    }

    /// Refuses what waits and what comes later.
    func close() {
        let jobs = state.withLock { state in
            state.isClosed = true
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.continuation.resume(throwing: ImportQueue.stopping) }
    }
}
