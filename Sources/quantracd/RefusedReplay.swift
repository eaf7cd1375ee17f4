import Intake
import QueryServer
import Registry
import Synchronization

/// A second try with the messages that were refused: from the registry through the intake, on the ingest thread, portion by
/// portion between the broker's batches.
final class RefusedReplay: Sendable {
    private let registry: Registry
    private let errands: IngestErrands
    private let isRunning = Atomic(false)

    init(registry: Registry, errands: IngestErrands) {
        self.registry = registry
        self.errands = errands
    }

    /// So long a caller is kept waiting.
    private static let patience = Duration.seconds(10)

    /// Returns when what now yields readings is durable. One at a time.
    ///
    /// - Throws: ``ReplayRefused`` with what was done before.
    func run(_ filter: RefusedFilter, from start: Int64) async throws -> RefusedReplayResult {
        guard isRunning.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            throw ReplayRefused("another replay is running: try again when it is done")
        }
        defer { isRunning.store(false, ordering: .releasing) }
        do {
            return try await registry.replay(filter, from: start, until: .now + RefusedReplay.patience) {
                [errands] messages, isFirst in
                try await errands.run { desk in
                    try desk.intake.replay(messages, into: desk.batch.beside(), isFirst: isFirst)
                }
            }
        } catch {
            throw ReplayRefused(
                "the replay was not finished: \(error). What was read until then is stored; it can be given again, and "
                    + "nothing is stored twice")
        }
    }
}
