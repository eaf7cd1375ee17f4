import PromQL
import Readings
import Synchronization

/// A source that remembers which series were asked for, to tell afterwards what of them could not be read.
final class WatchedSource: SeriesSource {
    private let source: any SeriesSource
    private let asked = Mutex<[(series: [any SelectedSeries], range: ClosedRange<Timestamp>)]>([])

    init(_ source: any SeriesSource) {
        self.source = source
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let found = try source.series(matching: matchers, in: range)
        asked.withLock { $0.append((found, range)) }
        return found
    }

    /// One text for each place, as far as anybody would read them.
    var warnings: [String] {
        guard source.mayBeDamaged else { return [] }
        var damage = DamageWarnings()
        for (series, range) in asked.withLock({ $0 }) {
            for one in series { damage.add(one, in: range) }
        }
        return damage.texts
    }
}

/// What an answer lacks because it is damaged where it is kept, in words.
struct DamageWarnings {
    private static let most = 10
    private var found: [String] = []
    private var seen: Set<String> = []

    /// Asked after reading, which finds it.
    mutating func add(_ series: any SelectedSeries, in range: ClosedRange<Timestamp>) {
        for damage in series.damage(in: range) {
            let text =
                "left out, because it is damaged on the disk: \(series.labels) from "
                + "\(damage.range.lowerBound.rfc3339) to \(damage.range.upperBound.rfc3339)"
            if seen.insert(text).inserted { found.append(text) }
        }
    }

    var texts: [String] {
        guard found.count > DamageWarnings.most else { return found }
        return found.prefix(DamageWarnings.most) + ["\(found.count - DamageWarnings.most) more such places"]
    }
}
