import Readings

/// Computes what a raw segment changes in the tiers.
///
/// A series whose rows in the segment all came in order, in one kind of row, only goes on: its records are those of the
/// segment's rows, the first one joined to what the tier has of its bucket. A series with late samples, or with rows of
/// several kinds here or since, has the buckets that the segment touches computed anew from all raw segments up to this one; except
/// where a part of them is evicted: such buckets take no late samples any more, and what comes is added to their record, or to
/// the amendment that was made of it.
final class TierDerivation {
    private let state: StoreState
    private let pool: SegmentPool
    private let segment: SegmentEntry
    private let tools: TierTools
    /// For looking at records while a chunk's times and values are still in the buffers of the other one.
    private let recordDecoder = ChunkDecoder()
    private var tiers: [Tier]
    /// Of `tiers`, those that the segment is new to.
    private let concerned: [Int]

    /// By series: how its samples came.
    private var arrival: [Arrival]
    private enum Arrival: UInt8 {
        case none, inOrder, mixed
    }
    /// Of series with mixed samples, by tier, the buckets that they touch.
    private var touched: [UInt32: [[Int64]]] = [:]

    init(_ segment: SegmentEntry, of state: StoreState, _ pool: SegmentPool, _ tools: TierTools) {
        self.segment = segment
        self.state = state
        self.pool = pool
        self.tools = tools
        tiers = state.tiers
        concerned = state.tiers.indices.filter {
            state.tiers[$0].isKept && state.tiers[$0].derivedThrough < segment.sequence
        }
        arrival = Array(repeating: .none, count: state.catalogue.series.count)
    }

    /// Goes through the segment. What of it is damaged is left out.
    func run() -> [Tier] {
        if !concerned.isEmpty, let index = pool.index(of: segment) {
            classify(index)
            var start = 0
            while start < index.entries.count {
                let key = index.entries[start].key
                var end = start
                while end < index.entries.count, index.entries[end].key == key { end += 1 }
                derive(key, index.entries[start..<end])
                start = end
            }
            for number in touched.keys.sorted() { recompute(number) }
        }
        for tier in concerned { tiers[tier].derivedThrough = segment.sequence }
        return tiers
    }

    private func classify(_ index: SegmentIndex) {
        var before: GroupKey?
        for entry in index.entries where entry.key != before {
            before = entry.key
            for number in state.catalogue.columns(of: entry.key) ?? [] where Int(number) < arrival.count {
                let goesOn =
                    arrival[Int(number)] == .none && entry.key.kind != .late
                    && state.latestInOrder(
                        of: number, besides: entry.key, from: entry.firstTime, through: segment.sequence - 1, pool)
                        == nil
                arrival[Int(number)] = goesOn ? .inOrder : .mixed
            }
        }
    }

    private func derive(_ key: GroupKey, _ chunks: ArraySlice<SegmentIndex.Entry>) {
        guard let columns = state.catalogue.columns(of: key) else { return }
        var folds: [[Run?]] = concerned.map { _ in Array(repeating: nil, count: columns.count) }
        for chunk in chunks {
            guard let bytes = pool.chunk(chunk, of: segment) else { continue }
            bytes.withUnsafeBytes { bytes in
                do throws(DamagedBytes) {
                    try derive(bytes, columns, &folds)
                } catch {
                    pool.report(chunk, of: segment, "\(error.what) does not fit")
                }
            }
        }
        for (position, tier) in concerned.enumerated() {
            for (column, number) in columns.enumerated() {
                guard var run = folds[position][column] else { continue }
                run.fold.finish()
                for record in run.fold.out.dropFirst(run.lacksBegin ? 1 : 0) where !putAmended(record, of: number, tier)
                {
                    tiers[tier].head.put(record, of: number, tools)
                }
            }
        }
    }

    private func derive(
        _ bytes: UnsafeRawBufferPointer, _ columns: [UInt32], _ folds: inout [[Run?]]
    ) throws(DamagedBytes) {
        let header = try Chunk.uncheckedHeader(bytes)
        guard header.columns == columns.count else { throw DamagedBytes("columns") }
        let times = try tools.decoder.times(bytes, header)
        for (column, number) in columns.enumerated() where Int(number) < arrival.count {
            if arrival[Int(number)] == .mixed {
                touch(times, number)
                continue
            }
            let values = try tools.decoder.values(bytes, header, column: column)
            let digits = try Chunk.zone(bytes, header, column: column)?.digits
            for (position, tier) in concerned.enumerated() {
                if folds[position][column] == nil { folds[position][column] = begin(number, times[0], tier) }
                folds[position][column]?.fold.take(times, values, 0..<times.count, digits: digits)
            }
        }
    }

    /// Rows of one series.
    private struct Run {
        var fold: BucketFold
        /// Of the first bucket earlier samples may be there that neither the tier nor a raw segment tells.
        var lacksBegin: Bool
    }

    /// The run of rows that go on after what the tier has.
    private func begin(_ number: UInt32, _ time: Int64, _ tier: Int) -> Run {
        let start = tiers[tier].grid.start(of: time)
        let known = tiers[tier].record(of: number, at: start, pool: pool, decoder: recordDecoder)
        return Run(
            fold: BucketFold(tiers[tier].grid, from: known), lacksBegin: known == nil && start < tiers[tier].knownFrom)
    }

    private func touch(_ times: UnsafeBufferPointer<Int64>, _ number: UInt32) {
        var buckets = touched[number] ?? concerned.map { _ in [] }
        for (position, tier) in concerned.enumerated() {
            let grid = tiers[tier].grid
            var end: Int64?
            for time in times {
                if let end, time <= end { continue }
                buckets[position].append(grid.start(of: time))
                end = grid.end(of: time)
            }
        }
        touched[number] = buckets
    }

    /// Computes the touched buckets of a series from raw segments.
    private func recompute(_ number: UInt32) {
        for (position, tier) in concerned.enumerated() {
            let grid = tiers[tier].grid
            let buckets = Set(touched[number]?[position] ?? []).sorted()
            var start = 0
            while start < buckets.count {
                // Neighbours together: their samples lie in the same chunks.
                var end = start + 1
                while end < buckets.count, buckets[end] - buckets[end - 1] <= 16 * grid.width { end += 1 }
                recompute(number, tier, buckets[start..<end])
                start = end
            }
        }
    }

    private func recompute(_ number: UInt32, _ tier: Int, _ buckets: ArraySlice<Int64>) {
        guard let first = buckets.first, let last = buckets.last else { return }
        let grid = tiers[tier].grid
        let wanted = Set(buckets)
        let range = first...grid.end(of: last)
        let records = fold(number, grid, range, through: segment.sequence)
        // Nothing of buckets behind this instant was ever evicted.
        let isOld = first <= state.evictedThrough
        let before = isOld ? fold(number, grid, range, through: segment.sequence - 1) : []
        for record in records where wanted.contains(record.start.milliseconds) && !putAmended(record, of: number, tier)
        {
            let start = record.start.milliseconds
            guard start <= state.evictedThrough else {
                tiers[tier].head.putRecomputed(record, of: number, tools)
                continue
            }
            guard let known = tiers[tier].record(of: number, at: start, pool: pool, decoder: tools.decoder) else {
                if start >= tiers[tier].knownFrom { tiers[tier].head.putRecomputed(record, of: number, tools) }
                continue
            }
            if before.find(start)?.count ?? 0 < known.count {
                let bucket = start...grid.end(of: start)
                var joined = known
                for new in fold(number, grid, bucket, through: segment.sequence, from: segment.sequence) {
                    joined.add(new)
                }
                tiers[tier].head.putRecomputed(joined, of: number, tools)
            } else {
                tiers[tier].head.putRecomputed(record, of: number, tools)
            }
        }
    }

    /// Puts what an amendment makes of the bucket of `record`, with the samples that came behind it. False if there is none.
    private func putAmended(_ record: Aggregate, of number: UInt32, _ tier: Int) -> Bool {
        let amendments = tiers[tier].amendments
        let start = record.start.milliseconds
        guard !amendments.isEmpty, let amendment = amendments.find(number, at: start, decoder: recordDecoder) else {
            return false
        }
        let whole = state.whole(
            amendment, of: number, tiers[tier].grid, segments: 0...segment.sequence, head: false, pool, recordDecoder)
        tiers[tier].head.putRecomputed(whole, of: number, tools)
        return true
    }

    /// What raw segments hold of a range.
    private func fold(
        _ number: UInt32, _ grid: BucketGrid, _ range: ClosedRange<Int64>, through: UInt64, from: UInt64 = 0
    ) -> [Aggregate] {
        guard through >= from else { return [] }
        return state.fold(number, grid, range, segments: from...through, head: false, pool, tools.decoder)
    }
}

extension StoreState {
    /// The oldest raw segment that a tier does not know yet; nil if there is none.
    var nextToDerive: SegmentEntry? {
        guard let through = tiers.filter(\.isKept).map(\.derivedThrough).min() else { return nil }
        return segments.first { $0.sequence > through }
    }

    /// Brings the tiers up to one more raw segment. False if they know all, or if it cannot be read whole now: then it is tried
    /// again with the next job, for some time.
    mutating func deriveNext(_ pool: SegmentPool, _ tools: TierTools) -> Bool {
        guard let segment = nextToDerive else { return false }
        let failures = pool.failures
        let derived = TierDerivation(segment, of: self, pool, tools).run()
        if pool.failures != failures, tools.attempts.mayTryAgain(segment.sequence) { return false }
        tiers = derived
        return true
    }

    /// The last instant at which a raw segment up to `sequence` has a row of `series` that came in order, of another kind
    /// than `key`, if that is not before `time`.
    ///
    /// Rows of one kind stay in the head, now and then, while later ones of another kind are sealed.
    func latestInOrder(
        of series: UInt32, besides key: GroupKey? = nil, from time: Int64, through sequence: UInt64, _ pool: SegmentPool
    ) -> Int64? {
        var latest: Int64?
        for segment in segments where segment.lastTime >= time && segment.sequence <= sequence {
            guard let index = pool.index(of: segment) else { continue }
            for group in catalogue.groups(of: series) where group.key != key && group.key.kind != .late {
                if let last = index.entries(of: group.key).last?.lastTime, last >= time {
                    latest = max(latest ?? .min, last)
                }
            }
        }
        return latest
    }
}
