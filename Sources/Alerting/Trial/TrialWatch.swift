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

    /// The instants behind `begin` and until `end` at which a rule is evaluated, ascending: ticks, and arrivals. What can't be read is
    /// none: the ticks will tell.
    mutating func moments(after begin: Timestamp, until end: Timestamp) -> [Timestamp] {
        let start = begin.advanced(byMilliseconds: 1)
        guard start <= end else { return [] }
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
        var moments: [Timestamp] = []
        moments.reserveCapacity(times.count)
        var tick = ticks.tick(notBefore: start)
        for time in times {
            while tick <= time {
                moments.append(tick)
                tick = tick.advanced(byMilliseconds: ticks.interval)
            }
            if time != moments.last { moments.append(time) }
        }
        while tick <= end {
            moments.append(tick)
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

/// When a group is evaluated.
struct TickRaster: Sendable {
    let first: Timestamp
    let interval: Int64

    /// The first tick at or behind `time`.
    func tick(notBefore time: Timestamp) -> Timestamp {
        let (whole, rest) = max(0, time.milliseconds(since: first)).quotientAndRemainder(dividingBy: interval)
        return first.advanced(byMilliseconds: (whole + (rest > 0 ? 1 : 0)) * interval)
    }

    /// The last tick at or before `time`; nil if there is none.
    func tick(until time: Timestamp) -> Timestamp? {
        guard time >= first else { return nil }
        return first.advanced(byMilliseconds: time.milliseconds(since: first) / interval * interval)
    }

    func isTick(_ time: Timestamp) -> Bool { time >= first && time.milliseconds(since: first) % interval == 0 }

    /// The ticks behind `begin` and until `end`.
    func ticks(after begin: Timestamp, until end: Timestamp) -> [Timestamp] {
        let start = tick(notBefore: begin.advanced(byMilliseconds: 1))
        guard start <= end else { return [] }
        return (0...(end.milliseconds(since: start) / interval)).map { start.advanced(byMilliseconds: $0 * interval) }
    }

    /// How many there are until `end`.
    func count(until end: Timestamp) -> Int {
        end < first ? 0 : Int(end.milliseconds(since: first) / interval) + 1
    }
}
