import PromQL
import Readings

/// Finds the readings of a trial that a rule hears of when they arrive: those of the series that were there at some tick of its group
/// before, as in the daemon.
struct TrialWatch {
    private let selectors: [[LabelMatcher]]
    private let ticks: TickRaster
    private let store: TrialStore
    /// From when on each series is watched.
    private var since: [Labels: Timestamp] = [:]

    init(selectors: [[LabelMatcher]], ticks: TickRaster, store: TrialStore) {
        self.selectors = selectors
        self.ticks = ticks
        self.store = store
    }

    /// The instants of a piece of the past at which a rule is evaluated.
    struct Moments {
        /// Ticks and arrivals, ascending.
        var all: [Timestamp]
        /// Those that are no ticks.
        var arrivals: [Timestamp]
    }

    /// Those behind `begin` and until `end`. What can't be read is none: the ticks will tell.
    mutating func moments(after begin: Timestamp, until end: Timestamp) -> Moments {
        let start = begin.advanced(byMilliseconds: 1)
        guard start <= end else { return Moments(all: [], arrivals: []) }
        var times: [Timestamp] = []
        var seen: Set<Labels> = []
        for selector in selectors {
            for series in (try? store.readings(matching: selector, in: start...end)) ?? []
            where seen.insert(series.labels).inserted {
                guard let since = watchedSince(series, before: end), since < end else { continue }
                try? series.forEachRun(in: max(start, since.advanced(byMilliseconds: 1))...end) { run in
                    for index in run.indices { times.append(run[index].time) }
                    return true
                }
            }
        }
        times.sort()
        var moments = Moments(all: [], arrivals: [])
        var tick = ticks.tick(notBefore: start)
        for time in times where time != moments.all.last {
            while tick <= time {
                moments.all.append(tick)
                tick = tick.advanced(byMilliseconds: ticks.interval)
            }
            guard time != moments.all.last else { continue }
            moments.all.append(time)
            moments.arrivals.append(time)
        }
        while tick <= end {
            moments.all.append(tick)
            tick = tick.advanced(byMilliseconds: ticks.interval)
        }
        return moments
    }

    /// The tick at which the series was first there; nil if there is nothing of it before `end`.
    private mutating func watchedSince(_ series: any SelectedSeries, before end: Timestamp) -> Timestamp? {
        if let known = since[series.labels] { return known }
        var first: Timestamp?
        try? series.forEachRun(in: min(Timestamp(milliseconds: 0), end)...end) { run in
            if run.count > 0 { first = run[0].time }
            return false
        }
        guard let first else { return nil }
        let found = ticks.tick(notBefore: first)
        since[series.labels] = found
        return found
    }
}
