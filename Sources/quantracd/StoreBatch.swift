import Intake
import Readings
import RingStore

/// The store's writer as the intake sees it, with the batch that is open. It lives on the ingest thread.
final class StoreBatch: ReadingStore {
    private let store: RingStore
    private let writer: StoreWriter
    private var batch = Batch()

    init(store: RingStore, writer: StoreWriter) {
        self.store = store
        self.writer = writer
    }

    func series(for labels: Labels, unit: String?) -> SeriesRef? {
        let registration = writer.register(SeriesDescriptor(labels: labels, unit: unit))
        guard case .series(let series) = registration else { return nil }
        return series
    }

    func lastTime(of series: SeriesRef) -> Timestamp? {
        store.snapshot().lastSample(of: series)?.time
    }

    func beginMessage(fingerprint: UInt64?) {
        batch.beginMessage(identity: fingerprint.map(MessageIdentity.init))
    }

    func beginRow(at time: Timestamp) {
        batch.beginRow(at: time)
    }

    func add(_ value: Double, to series: SeriesRef) {
        batch.add(series, value)
    }

    var rememberedFingerprints: [UInt64] {
        writer.recentIdentities.map(\.hash)
    }

    func commit() throws -> CommitOutcome {
        defer { batch.removeAll(keepingCapacity: true) }
        guard !batch.isEmpty else { return CommitOutcome(stored: 0, duplicates: 0, tooOld: 0, notStored: []) }
        let outcome = try writer.append(batch)
        let count = batch.sampleCount
        return CommitOutcome(
            stored: UInt64(outcome.stored), duplicates: UInt64(outcome.duplicates), tooOld: UInt64(outcome.tooOld),
            notStored: outcome.stored == count ? [] : Set((0..<count).filter { !outcome.wasStored($0) }))
    }

    /// Leaves the store as it will be found; nothing that was committed depends on it.
    func close() throws {
        try writer.close()
    }
}
