import Readings

/// A run of samples of one series, wherever it is kept.
struct SampleSource {
    enum Place {
        case segment(SegmentEntry, SegmentIndex.Entry)
        case chunk(HeadChunk)
        case block(OpenBlock, rows: Int)
        case samples([Sample])
    }

    var firstTime: Int64
    var lastTime: Int64
    var column: Int
    /// Of several samples at an instant the one with the highest rank counts: 0 for what came in order, 1 for late rows,
    /// which came to an instant that was free, above for late samples, higher the later they came.
    var rank: UInt64
    var place: Place

    /// The samples in `range`, in a buffer that is made empty first.
    func read(
        in range: ClosedRange<Int64>, pool: SegmentPool, decoder: inout ChunkDecoder?, into samples: inout [Sample]
    ) {
        samples.removeAll(keepingCapacity: true)
        let own = decoder ?? ChunkDecoder()
        decoder = own
        withColumns(in: range, pool: pool, decoder: own) { samples.append($0) }
    }
}

extension StoreState {
    /// Every run in which samples of `series` within `range` may be, by their first instants.
    ///
    /// `sequences` leaves segments out, `head` what is in memory.
    func sources(
        of series: UInt32, in range: ClosedRange<Int64>, segments sequences: ClosedRange<UInt64> = 0 ... .max,
        head: Bool = true, pool: SegmentPool
    ) -> [SampleSource] {
        let groups = catalogue.groups(of: series)
        var sources: [SampleSource] = []
        for entry in segments where sequences.contains(entry.sequence) && entry.overlaps(range) {
            guard let index = pool.index(of: entry) else { continue }
            forEachSource(of: groups, in: range, segment: entry, index) { sources.append($0) }
        }
        if head { appendSourcesInHead(of: groups, in: range, to: &sources) }
        // Mostly they are in order already.
        if !sources.isInOrder { sources.sort { ($0.firstTime, $0.rank) < ($1.firstTime, $1.rank) } }
        return sources
    }

    /// Hands those of one segment to `body`. `groups` are all groups of the series.
    func forEachSource(
        of groups: [(key: GroupKey, column: Int)], in range: ClosedRange<Int64>, segment entry: SegmentEntry,
        _ index: SegmentIndex, _ body: (SampleSource) -> Void
    ) {
        for group in groups {
            let late = group.key.kind == .late
            for (position, chunk) in index.entries(of: group.key).enumerated()
            where chunk.firstTime <= range.upperBound && chunk.lastTime >= range.lowerBound {
                body(
                    SampleSource(
                        firstTime: chunk.firstTime, lastTime: chunk.lastTime, column: group.column,
                        rank: late ? entry.sequence << 20 | UInt64(position) : 0, place: .segment(entry, chunk)))
            }
        }
    }

    /// Those of them that are in memory, in no order.
    func sourcesInHead(of series: UInt32, in range: ClosedRange<Int64>) -> [SampleSource] {
        var sources: [SampleSource] = []
        appendSourcesInHead(of: catalogue.groups(of: series), in: range, to: &sources)
        return sources
    }

    private func appendSourcesInHead(
        of groups: [(key: GroupKey, column: Int)], in range: ClosedRange<Int64>, to sources: inout [SampleSource]
    ) {
        func add(_ first: Int64, _ last: Int64, _ column: Int, _ rank: UInt64, _ place: SampleSource.Place) {
            guard first <= range.upperBound, last >= range.lowerBound else { return }
            sources.append(SampleSource(firstTime: first, lastTime: last, column: column, rank: rank, place: place))
        }
        for group in groups {
            if group.key.kind == .shape, let rows = head.group(.lateRows(group.key.number)) {
                for chunk in rows.chunks { add(chunk.firstTime, chunk.lastTime, group.column, 1, .chunk(chunk)) }
                if let block = rows.block?.sorted(rows: rows.rows), rows.rows > 0 {
                    add(
                        block.firstTime(), block.time(ofRow: rows.rows - 1), group.column, 1,
                        .block(block, rows: rows.rows))
                }
            }
            if group.key.kind == .late {
                guard let late = head.late[group.key.number] else { continue }
                for (position, chunk) in late.chunks.enumerated() {
                    add(chunk.firstTime, chunk.lastTime, 0, 1 << 62 | UInt64(position), .chunk(chunk))
                }
                let samples = late.samples
                if let first = samples.first, let last = samples.last {
                    add(first.time.milliseconds, last.time.milliseconds, 0, 1 << 63, .samples(samples))
                }
            } else if let held = head.group(group.key) {
                for chunk in held.chunks { add(chunk.firstTime, chunk.lastTime, group.column, 0, .chunk(chunk)) }
                if let block = held.block, held.rows > 0 {
                    add(
                        block.firstTime(), block.time(ofRow: held.rows - 1), group.column, 0,
                        .block(block, rows: held.rows))
                }
            }
        }
    }

    /// The value of `series` at `time`; nil if there is none.
    func value(of series: UInt32, at time: Int64, pool: SegmentPool, decoder: inout ChunkDecoder?) -> Double? {
        var best: (rank: UInt64, value: Double)?
        var samples: [Sample] = []
        for source in sources(of: series, in: time...time, pool: pool) where source.rank >= best?.rank ?? 0 {
            source.read(in: time...time, pool: pool, decoder: &decoder, into: &samples)
            if let sample = samples.last { best = (source.rank, sample.value) }
        }
        return best?.value
    }
}

extension [SampleSource] {
    /// Whether they stand by their first instants, and those of the same by rank.
    fileprivate var isInOrder: Bool {
        withUnsafeBufferPointer { sources in
            var index = 1
            while index < sources.count {
                let (before, after) = (sources[index - 1].firstTime, sources[index].firstTime)
                if before > after || before == after && sources[index - 1].rank > sources[index].rank { return false }
                index += 1
            }
            return true
        }
    }

    /// By their first instants: the end of those from `position` on that overlap each other, if only in turn.
    func overlapEnd(from position: Int) -> Int {
        var end = position + 1
        var last = self[position].lastTime
        while end < count, self[end].firstTime <= last {
            last = Swift.max(last, self[end].lastTime)
            end += 1
        }
        return end
    }
}
