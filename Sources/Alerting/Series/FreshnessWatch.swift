import PromQL
import Readings
import Synchronization

/// A source that notes how new the newest sample is of all series that a query selects from it.
///
/// After a sleep a query finds nothing because no sensor has spoken yet, which must not look as if all were well again.
final class FreshnessWatch: SeriesSource {
    private let base: any SeriesSource
    private let seen = Mutex(Seen())

    private struct Seen {
        var hasSelected = false
        var newest: Timestamp?
    }

    init(_ base: any SeriesSource) { self.base = base }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let found = try base.series(matching: matchers, in: range)
        // What rules say of alerts is no news of a sensor, and an ended series is none either.
        let lasts = found.filter { !AlertSeries.isOne($0.labels) }.compactMap(\.last)
        let newest = lasts.filter { !StalenessMarker.isMarker($0.value) }.map(\.time).max()
        seen.withLock {
            $0.hasSelected = true
            $0.newest = [$0.newest, newest].compactMap(\.self).max()
        }
        return found
    }

    /// Whether the query asked for series and none of them has a sample behind `time`.
    func isBlind(since time: Timestamp) -> Bool {
        seen.withLock { $0.hasSelected && ($0.newest.map { $0 <= time } ?? true) }
    }
}
