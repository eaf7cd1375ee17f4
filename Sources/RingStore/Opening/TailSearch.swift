import Readings

/// Finds the newest sample of every series when a store is opened: in the head, then in the segments from the newest on,
/// until every series has one and no older segment reaches as far.
///
/// Mostly that is one segment or two. What a segment had no room for stays in the head and comes into the next one, so that a
/// segment may hold older rows of a series than the one before it; and a late sample at the very instant of the newest one
/// overrides it. A series whose readings are all gone, or that never had any, makes the search go on to the oldest index.
struct TailSearch {
    private let pool: SegmentPool
    private let state: StoreState
    private var tails = PagedArray(default: SeriesTail())
    private var isFound: [Bool]
    private var missing: Int
    /// The earliest end of all series; nil if it must be found anew.
    private var earliest: Int64?
    /// By series, the newest instant of late samples in what was looked at so far.
    private var lateEnds: [UInt32: Int64] = [:]
    private var decoder: ChunkDecoder?

    init(_ state: StoreState, pool: SegmentPool) {
        self.pool = pool
        self.state = state
        let count = state.catalogue.series.count
        tails.extend(to: count)
        isFound = Array(repeating: false, count: count)
        missing = count
    }

    mutating func run() -> PagedArray<SeriesTail> {
        for series in state.catalogue.series.indices where !state.catalogue.series[series].isKnown {
            settle(UInt32(series), SeriesTail())
        }
        searchHead()
        var ends: [Int64] = []
        for entry in state.segments { ends.append(max(entry.lastTime, ends.last ?? .min)) }
        for (entry, end) in zip(state.segments, ends).reversed() {
            guard mayEndLater(than: end) else { break }
            searchSegment(entry)
        }
        // What has late samples only, or nothing.
        for series in lateEnds.keys where !isFound[Int(series)] { settleExactly(series, from: .min) }
        return tails
    }

    /// Whether a series may have its end in a segment that ends at `end`.
    private mutating func mayEndLater(than end: Int64) -> Bool {
        if missing > 0 { return true }
        if earliest == nil {
            var earliest = Int64.max
            for series in tails.indices where state.catalogue.series[series].isKnown {
                earliest = min(earliest, tails[series].through)
            }
            self.earliest = earliest
        }
        return end >= earliest ?? .min
    }

    private mutating func settle(_ series: UInt32, _ tail: SeriesTail) {
        earliest = nil
        if !isFound[Int(series)] {
            isFound[Int(series)] = true
            missing -= 1
        }
        tails[Int(series)] = tail
    }

    /// From everything that may hold samples from `time` on.
    private mutating func settleExactly(_ series: UInt32, from time: Int64) {
        let sources = state.sources(of: series, in: time ... .max, pool: pool)
        var tail = SeriesTail(sources: sources, pool: pool, decoder: &decoder)
        if tail.last == nil, time > .min {
            // The chunk is damaged: what lies before it is the newest that is left, and it stays taken all the same.
            let through = tail.through
            tail = SeriesTail(
                sources: state.sources(of: series, in: .min ... .max, pool: pool), pool: pool, decoder: &decoder)
            tail.through = max(tail.through, through)
        }
        settle(series, tail)
    }

    private mutating func noteLate(_ series: UInt32, _ end: Int64) {
        guard Int(series) < isFound.count else { return }
        lateEnds[series] = max(lateEnds[series] ?? .min, end)
    }

    // MARK: Head

    private mutating func searchHead() {
        state.head.forEachGroup { key, group in
            guard key.isLate else { return }
            var end = group.chunks.map(\.lastTime).max() ?? .min
            if let block = group.block {
                withExtendedLifetime(block) { for time in block.times(group.rows) { end = max(end, time) } }
            }
            guard !group.isEmpty else { return }
            for series in state.catalogue.columns(of: key) ?? [] { noteLate(series, end) }
        }
        var unsure: [(series: UInt32, end: Int64)] = []
        state.head.forEachGroup { key, group in
            guard !key.isLate, let columns = state.catalogue.columns(of: key) else { return }
            let row = group.rows - 1
            guard let block = group.block, row >= 0 else {
                // Chunks that the last segment had no room for: a late sample that corrects them may be in that segment.
                if let last = group.chunks.last { unsure += columns.map { ($0, last.lastTime) } }
                return
            }
            let time = block.time(ofRow: row)
            for (column, series) in columns.enumerated() where Int(series) < isFound.count {
                if isFound[Int(series)], tails[Int(series)].through > time { continue }
                if lateEnds[series] ?? .min >= time { unsure.append((series, time)) }
                let sample = Sample(time: Timestamp(milliseconds: time), value: block.value(column, ofRow: row))
                settle(series, SeriesTail(through: time, last: sample))
            }
        }
        for (series, end) in unsure where Int(series) < isFound.count && tails[Int(series)].through <= end {
            settleExactly(series, from: end)
        }
    }

    // MARK: Segments

    private mutating func searchSegment(_ entry: SegmentEntry) {
        guard let index = pool.index(of: entry) else { return }
        var corrected: [UInt32] = []
        for chunk in index.entries where chunk.key.kind == .late {
            let series = chunk.key.number
            noteLate(series, chunk.lastTime)
            if Int(series) < isFound.count, isFound[Int(series)], tails[Int(series)].through <= chunk.lastTime {
                corrected.append(series)
            }
        }
        for series in corrected { settleExactly(series, from: tails[Int(series)].through) }
        /// By series, the chunk that ends last.
        var ends: [UInt32: Int64] = [:]
        var chunks: [(chunk: SegmentIndex.Entry, columns: [UInt32])] = []
        for chunk in index.entries where chunk.key.kind != .late {
            guard let columns = state.catalogue.columns(of: chunk.key) else { continue }
            var isNeeded = false
            for series in columns where Int(series) < isFound.count {
                guard !isFound[Int(series)] || tails[Int(series)].through < chunk.lastTime,
                    chunk.lastTime >= ends[series] ?? .min
                else { continue }
                ends[series] = chunk.lastTime
                isNeeded = true
            }
            if isNeeded { chunks.append((chunk, columns)) }
        }
        for (chunk, columns) in chunks {
            guard columns.contains(where: { ends[$0] == chunk.lastTime }) else { continue }
            let values = lastValues(of: chunk, in: entry)
            for (column, series) in columns.enumerated() where ends[series] == chunk.lastTime {
                if let values, column < values.count, lateEnds[series] ?? .min < chunk.lastTime {
                    let sample = Sample(time: Timestamp(milliseconds: chunk.lastTime), value: values[column])
                    settle(series, SeriesTail(through: chunk.lastTime, last: sample))
                } else {
                    settleExactly(series, from: chunk.lastTime)
                }
            }
        }
    }

    /// The last row of a chunk; nil if it cannot be read.
    private mutating func lastValues(of chunk: SegmentIndex.Entry, in entry: SegmentEntry) -> [Double]? {
        guard let bytes = pool.chunk(chunk, of: entry) else { return nil }
        let decoder = self.decoder ?? ChunkDecoder()
        self.decoder = decoder
        return bytes.withUnsafeBytes { bytes in
            guard let header = try? Chunk.uncheckedHeader(bytes) else { return nil }
            var values: [Double] = []
            for column in 0..<header.columns {
                guard let last = try? decoder.values(bytes, header, column: column).last else { return nil }
                values.append(last)
            }
            return values
        }
    }
}
