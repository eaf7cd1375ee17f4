import Alerting
import Readings
import RingStore

/// Late readings as rows beside the alerts' state.
extension LateReadings {
    /// Takes back what was saved, and then what the store remembers itself. To be called before `follow`, and once. Blocking.
    ///
    /// - Returns: the keys of rows that are of no use any more: the store has no such series.
    func restore(_ rows: [SavedRow], of snapshot: StoreSnapshot) -> [String] {
        var known: [SeriesRef: (labels: Labels, instants: LateInstants)] = [:]
        var useless: [String] = []
        for row in rows {
            if let saved = SavedLateReadings(row), let series = snapshot.find(saved.series) {
                known[series] = (saved.series, saved.instants)
            } else {
                useless.append(row.key)
            }
        }
        // Some of it is saved: what was put aside first stays so.
        let notes = snapshot.lateNotes
        for (series, samples) in Dictionary(grouping: notes.samples, by: \.series) {
            guard let labels = known[series]?.labels ?? snapshot.descriptor(of: series)?.labels else { continue }
            known[series, default: (labels, LateInstants())].instants.add(samples.map { ($0.time, $0.before) })
        }
        restore(known.map { ($0.key, $0.value.labels, $0.value.instants) }, through: notes.through)
        return useless
    }

    /// What has changed since this was called last; nil for rows that are gone. With them everything is saved up to the store's
    /// number `through`.
    func takeUnsavedRows() -> (rows: [String: String?], through: UInt64) {
        let (changed, gone, through) = takeUnsaved()
        var rows: [String: String?] = [:]
        for labels in gone { rows[SavedLateReadings.key(of: labels)] = .some(nil) }
        for (labels, instants) in changed {
            rows[SavedLateReadings.key(of: labels)] = SavedLateReadings(labels, instants).json
        }
        return (rows, through)
    }
}
