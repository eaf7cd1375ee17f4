import Alerting
import Readings
import RingStore

/// Late readings as rows beside the alerts' state.
extension LateReadings {
    /// Takes back what was saved. To be called before `follow`, and once. Blocking.
    ///
    /// - Returns: the keys of rows that are of no use any more: the store has no such series.
    func restore(_ rows: [SavedRow], of snapshot: StoreSnapshot) -> [String] {
        var known: [(series: SeriesRef, labels: Labels, instants: LateInstants)] = []
        var useless: [String] = []
        for row in rows {
            if let saved = SavedLateReadings(row), let series = snapshot.find(saved.series) {
                known.append((series, saved.series, saved.instants))
            } else {
                useless.append(row.key)
            }
        }
        restore(known)
        return useless
    }

    /// What has changed since this was called last; nil for rows that are gone.
    func takeUnsavedRows() -> [String: String?] {
        let (changed, gone) = takeUnsaved()
        var rows: [String: String?] = [:]
        for labels in gone { rows[SavedLateReadings.key(of: labels)] = .some(nil) }
        for (labels, instants) in changed {
            rows[SavedLateReadings.key(of: labels)] = SavedLateReadings(labels, instants).json
        }
        return rows
    }
}
