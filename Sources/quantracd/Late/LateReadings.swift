import Alerting
import PromQL
import Readings
import RingStore
import Synchronization

/// The late readings that lie within the reach of rules: which no rule sees.
///
/// The ingest thread tells of them before the store shows them; the rules' threads take a moment of the store first and then one
/// of these, so that nothing late is in the one and not in the other.
final class LateReadings: Sendable {
    /// How they stand at one moment.
    struct Moment: Sendable {
        fileprivate let series: [SeriesRef: Entry]

        /// Those of `series`; nil if it has none.
        func instants(of series: SeriesRef) -> LateInstants? { self.series[series]?.instants }
    }

    struct Entry: Sendable {
        var instants = LateInstants()
        let labels: Labels
        /// How far back rules look at the series, in milliseconds.
        var reach: Int64

        var cost: Int { LateReadings.costOfSeries + instants.times.count + 3 * instants.before.count }
    }

    fileprivate struct Contents {
        var series: [SeriesRef: Entry] = [:]
        /// By household, and of all, as `Entry.cost` counts.
        var costs: [String: Int] = [:]
        var cost = 0
        /// How far back rules look; nil until it is known.
        var reach: RuleReach?
        /// By metric, as they are asked for: thousands of rules may have to be asked.
        var reaches: [String: Int64] = [:]
        /// Before it there are no readings any more.
        var kept = Timestamp(milliseconds: .min)
        /// The store's number of the last one that was told.
        var told: UInt64 = 0
        var unsaved: Set<SeriesRef> = []
        /// Labels of series that have none left, for whoever saved them.
        var emptied: Set<Labels> = []
        var forgotten: UInt64 = 0
    }

    /// So many of one series are remembered at most: one sensor's flood leaves room for the others.
    static let mostOfSeries = 10_000
    /// What a series takes beside its instants, counted in instants.
    static let costOfSeries = 32

    /// A reading that is no older than this when it comes, in milliseconds, is not late: of one sensor, what it dates itself with a
    /// clock that is a little slow may stand beside what is dated on arrival, for ever. Clocks that are further off are
    /// noticed (`DeviceClock`).
    static let patience: Int64 = 60_000

    private let capacity: Int
    private let patience: Int64
    private let contents = Mutex(Contents())

    /// - Parameters:
    ///   - capacity: how many readings are remembered at most, of all series together; each series counts as some more.
    ///   - patience: how old a reading may be that is not late, in milliseconds.
    init(capacity: Int = 100_000, patience: Int64 = LateReadings.patience) {
        self.capacity = max(2 * LateReadings.costOfSeries, capacity)
        self.patience = max(0, patience)
    }

    /// As many as find room in an eighth of `outboxShare` bytes, of which each takes about eight; 100,000 at most, and where
    /// there is no outbox.
    convenience init(outboxShare: UInt64) {
        self.init(capacity: outboxShare == 0 ? 100_000 : min(100_000, Int(clamping: outboxShare / 64)))
    }

    // MARK: - The ingest thread's side

    /// What the store is to tell of a batch that comes at `now`; nil while no rule looks at anything.
    ///
    /// - Parameter labels: asked for series that had nothing late so far.
    func watch(at now: Timestamp, labels: @escaping (SeriesRef) -> Labels?) -> LateWatch? {
        let (reach, kept) = contents.withLock { ($0.reach?.longest ?? .max, $0.kept) }
        guard reach > 0 else { return nil }
        return LateWatch(
            now: now, inTime: now.advanced(byMilliseconds: -patience),
            after: max(kept, now.advanced(byMilliseconds: -reach))
        ) { [self] late, through in
            note(late, through: through, at: now, labels: labels)
        }
    }

    /// - Parameters:
    ///   - late: in the order in which they came.
    ///   - through: the store's number of the last one.
    func note(_ late: [LateSample], through: UInt64, at now: Timestamp, labels: (SeriesRef) -> Labels?) {
        contents.withLock { contents in
            contents.told = max(contents.told, through)
            for (series, samples) in Dictionary(grouping: late, by: \.series) {
                guard let entry = contents.series[series] ?? labels(series).map({ contents.newEntry($0) }) else {
                    continue
                }
                let first = now.advanced(byMilliseconds: -entry.reach)
                let new = samples.filter { $0.time > first }.map { ($0.time, $0.before) }
                guard !new.isEmpty else { continue }
                contents.change(series, entry) { $0.add(new) }
            }
            contents.shed(to: capacity)
        }
    }

    // MARK: - The rules' side

    /// Those of now; nil if there are none. To be taken after the store's moment.
    var moment: Moment? {
        contents.withLock { $0.series.isEmpty ? nil : Moment(series: $0.series) }
    }

    /// The store's number of the last one that was told.
    var told: UInt64 { contents.withLock { $0.told } }

    /// How many are remembered.
    var count: Int { contents.withLock { $0.series.values.reduce(0) { $0 + $1.instants.times.count } } }

    /// How many were given up, although rules look at their time, because there were too many: these count as any other.
    var forgotten: UInt64 { contents.withLock { $0.forgotten } }

    /// Says how far back the rules look that are loaded now. What none looks at is forgotten later (`prune`): rules may be away for
    /// a moment only.
    func follow(_ reach: RuleReach) {
        contents.withLock { contents in
            contents.reach = reach
            contents.reaches = [:]
            for (series, entry) in contents.series {
                let own = contents.reach(of: entry.labels.metric)
                contents.series[series]?.reach = own
            }
        }
    }

    /// Forgets what no rule looks at any more; to be called now and then.
    ///
    /// - Parameter kept: before it the store has no readings.
    func prune(at now: Timestamp, kept: Timestamp) {
        contents.withLock { contents in
            contents.kept = kept
            contents.prune(at: now)
        }
    }

    // MARK: - Saving

    /// What has changed since this was called last: series with all that is late of them, and those that have nothing late any
    /// more. With that everything is saved up to the store's number `through`.
    func takeUnsaved() -> (
        changed: [(labels: Labels, instants: LateInstants)], gone: Set<Labels>, through: UInt64
    ) {
        contents.withLock { contents in
            let changed = contents.unsaved.compactMap { contents.series[$0] }.map { ($0.labels, $0.instants) }
            defer { (contents.unsaved, contents.emptied) = ([], []) }
            return (changed, contents.emptied.subtracting(changed.map(\.0)), contents.told)
        }
    }

    /// Takes in what was known before a restart, which is older than all that was told since. To be called before `follow`.
    ///
    /// - Parameter through: the number of the last one that the store found in its log.
    func restore(_ saved: [(series: SeriesRef, labels: Labels, instants: LateInstants)], through: UInt64) {
        contents.withLock { contents in
            contents.told = max(contents.told, through)
            for one in saved {
                let entry = contents.series[one.series] ?? contents.newEntry(one.labels)
                contents.change(one.series, entry) { $0.add(earlier: one.instants) }
            }
            contents.shed(to: capacity)
        }
    }
}

extension LateReadings.Contents {
    fileprivate mutating func newEntry(_ labels: Labels) -> LateReadings.Entry {
        LateReadings.Entry(labels: labels, reach: reach(of: labels.metric))
    }

    /// Of how many metrics it is remembered.
    private static let mostMetrics = 4096

    /// How far back rules look at series of `metric`, in milliseconds.
    fileprivate mutating func reach(of metric: String) -> Int64 {
        guard let reach else { return Query.Reach.longest }
        if let known = reaches[metric] { return known }
        if reaches.count >= LateReadings.Contents.mostMetrics { reaches = [:] }
        let found = reach.milliseconds(of: metric)
        reaches[metric] = found
        return found
    }

    fileprivate mutating func change(
        _ series: SeriesRef, _ entry: LateReadings.Entry, _ body: (inout LateInstants) -> Void
    ) {
        let household = entry.labels.household
        let costBefore = self.series[series]?.cost ?? 0
        var entry = entry
        // Else there would be two of it, and a copy to change.
        self.series[series] = nil
        body(&entry.instants)
        let excess = entry.instants.times.count - LateReadings.mostOfSeries
        if excess > 0 { forgotten += UInt64(entry.instants.remove(through: entry.instants.times[excess - 1])) }
        let isEmpty = entry.instants.isEmpty
        let difference = (isEmpty ? 0 : entry.cost) - costBefore
        cost += difference
        costs[household, default: 0] += difference
        if costs[household] == 0 { costs[household] = nil }
        if isEmpty {
            unsaved.remove(series)
            emptied.insert(entry.labels)
        } else {
            self.series[series] = entry
            unsaved.insert(series)
        }
    }

    /// What is pruned need not be saved anew: it is pruned again when it is read.
    fileprivate mutating func prune(at now: Timestamp) {
        for (series, entry) in self.series {
            let through = max(
                now.advanced(byMilliseconds: -entry.reach), kept.advanced(byMilliseconds: -1))
            guard let first = entry.instants.times.first, first <= through else { continue }
            let wasUnsaved = unsaved.contains(series)
            change(series, entry) { _ = $0.remove(through: through) }
            if !wasUnsaved { unsaved.remove(series) }
        }
    }

    /// Where there are too many the household with the most gives up its oldest: nobody uses up what others need.
    fileprivate mutating func shed(to capacity: Int) {
        while cost > capacity, let household = costs.max(by: { $0.value < $1.value })?.key {
            let own = series.filter { $0.value.labels.household == household }
            let times = own.values.flatMap(\.instants.times).sorted()
            // More at once than is needed now, so that a flood does not sort them again for each reading.
            let excess = min(times.count, max(cost - capacity, times.count / 8, 1))
            guard excess > 0 else { return }
            let through = times[excess - 1]
            for (one, entry) in own where entry.instants.times.first.map({ $0 <= through }) ?? false {
                var lost = 0
                change(one, entry) { lost = $0.remove(through: through) }
                forgotten += UInt64(lost)
            }
        }
    }
}
