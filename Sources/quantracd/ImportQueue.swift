import QueryServer
import Synchronization

/// Readings from elsewhere on their way to the store, and how many there were.
final class ImportQueue: Sendable {
    private let sum = Mutex(ImportOutcome())
    private let errands: IngestErrands

    init(_ errands: IngestErrands) {
        self.errands = errands
    }

    /// What was imported since the start.
    var totals: ImportOutcome { sum.withLock { $0 } }

    /// Returns when the readings are durable.
    ///
    /// - Throws: `ImportRefused`, if they are not: too many wait, the daemon stops, or the disk refuses.
    func add(_ readings: [ImportedSeries]) async throws -> ImportOutcome {
        let outcome = try await errands.run { desk in
            do {
                return try desk.batch.take(readings)
            } catch {
                throw ImportRefused("nothing of these readings was acknowledged: \(error)")
            }
        }
        sum.withLock { $0 += outcome }
        return outcome
    }
}
