import Intake
import QueryServer
import Readings
import RingStore

/// The store's writer as the intake sees it, with the batch that is open. It lives on the ingest thread.
final class StoreBatch: ReadingStore {
    private let store: RingStore
    private let writer: StoreWriter
    private let syncWindow: SyncWindow
    private let arrivals: ArrivalWatch?
    private let late: LateReadings?
    private let now: () -> Timestamp
    private var batch = Batch()
    /// What rules watch, as of the batch's begin, and the sets of those that it bears upon, with the newest reading's time.
    private var watched = ArrivalWatch.Table()
    private var touched: [UInt32: Timestamp] = [:]
    private var rowTime = Timestamp(milliseconds: 0)

    /// - Parameters:
    ///   - arrivals: told which watched series have new readings.
    ///   - late: told which readings came behind newer ones.
    ///   - now: the wall clock.
    init(
        store: RingStore, writer: StoreWriter, syncWindow: SyncWindow, arrivals: ArrivalWatch? = nil,
        late: LateReadings? = nil, now: @escaping () -> Timestamp = { .now }
    ) {
        self.late = late
        self.now = now
        self.store = store
        self.writer = writer
        self.syncWindow = syncWindow
        self.arrivals = arrivals
    }

    func series(for labels: Labels, unit: String?) -> SeriesRef? {
        let registration = writer.register(SeriesDescriptor(labels: labels, unit: unit))
        guard case .series(let series) = registration else { return nil }
        return series
    }

    func findSeries(_ labels: Labels) -> SeriesRef? {
        writer.find(labels)
    }

    func seriesCount(ofHousehold household: String) -> Int {
        writer.seriesCount(having: Label(LabelName.household, household))
    }

    func lastTime(of series: SeriesRef) -> Timestamp? {
        store.snapshot().lastSample(of: series)?.time
    }

    func value(of series: SeriesRef, at time: Timestamp) -> Double? {
        var value: Double?
        try? store.snapshot().scan(series, in: time...time) { run in
            if !run.isEmpty { value = run[0].value }
            return false
        }
        return value
    }

    /// An empty batch of the same store, for what must not wait for this one's commit.
    func beside() -> StoreBatch {
        StoreBatch(store: store, writer: writer, syncWindow: syncWindow, late: late, now: now)
    }

    func beginMessage(fingerprint: UInt64?) {
        if batch.isEmpty, let arrivals { watched = arrivals.table }
        batch.beginMessage(identity: fingerprint.map(MessageIdentity.init))
    }

    func beginRow(at time: Timestamp) {
        batch.beginRow(at: time)
        rowTime = time
    }

    func add(_ value: Double, to series: SeriesRef) {
        batch.add(series, value)
        if let set = watched.set(of: series) { touched[set] = max(touched[set] ?? rowTime, rowTime) }
    }

    var rememberedFingerprints: [UInt64] {
        writer.recentIdentities.map(\.hash)
    }

    func commit() throws -> CommitOutcome {
        defer {
            batch.removeAll(keepingCapacity: true)
            touched.removeAll(keepingCapacity: true)
        }
        guard !batch.isEmpty else { return CommitOutcome(stored: 0, duplicates: 0, tooOld: 0, notStored: []) }
        let outcome = try writer.append(batch, noting: lateWatch)
        if outcome.hasSamplesBehind { forgetTouchedFromBehind(outcome) }
        if !touched.isEmpty { arrivals?.arrived(touched, of: watched) }
        let statistics = store.statistics
        syncWindow.note(syncs: statistics.syncs, lastMicroseconds: statistics.lastSyncMicroseconds)
        let count = batch.sampleCount
        return CommitOutcome(
            stored: UInt64(outcome.stored), duplicates: UInt64(outcome.duplicates), tooOld: UInt64(outcome.tooOld),
            notStored: outcome.stored == count ? [] : Set((0..<count).filter { !outcome.wasStored($0) }))
    }

    private var lateWatch: LateWatch? {
        late?.watch(at: now()) { [writer] in writer.descriptor(of: $0)?.labels }
    }

    /// A reading that no rule sees is no reason to evaluate any.
    private func forgetTouchedFromBehind(_ outcome: AppendOutcome) {
        guard !touched.isEmpty else { return }
        touched.removeAll(keepingCapacity: true)
        batch.forEachSample { index, series, sample in
            guard !outcome.isBehind(index), let set = watched.set(of: series) else { return }
            touched[set] = max(touched[set] ?? sample.time, sample.time)
        }
    }

    /// Makes imported readings durable, beside the open batch, which stays as it is.
    func take(_ readings: [ImportedSeries]) throws -> ImportOutcome {
        var batch = Batch()
        var outcome = ImportOutcome()
        for one in readings {
            guard let series = series(for: one.labels, unit: one.unit) else {
                outcome.refused["no_room_for_series", default: 0] += UInt64(one.samples.count)
                continue
            }
            for (index, sample) in one.samples.enumerated() {
                if index.isMultiple(of: StoreBatch.rowsOfMessage) { batch.beginMessage() }
                batch.beginRow(at: sample.time)
                batch.add(series, sample.value)
            }
        }
        let appended = try writer.append(batch, noting: lateWatch)
        outcome.stored += UInt64(appended.stored)
        outcome.duplicates += UInt64(appended.duplicates)
        if appended.tooOld > 0 { outcome.refused["too_old", default: 0] += UInt64(appended.tooOld) }
        return outcome
    }

    /// Few enough that a message fits into a frame of the smallest store's log.
    private static let rowsOfMessage = 500

    /// Does a part of what the store has to catch up with after opening. Returns whether there is more.
    func catchUp() -> Bool { writer.catchUp() }

    /// Leaves the store as it will be found; nothing that was committed depends on it.
    func close() throws {
        try writer.close()
    }
}
