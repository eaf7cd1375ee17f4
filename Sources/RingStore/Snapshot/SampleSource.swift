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
        switch place {
        case .samples(let all):
            for sample in all where range.contains(sample.time.milliseconds) { samples.append(sample) }
        case .block(let block, let rows):
            samples.appendSamples(times: block.times(rows), values: block.values(column, rows), in: range)
        case .chunk(let chunk):
            // Made by this process and never out of its memory: there is nothing that could be damaged.
            try? decode(chunk.bytes, range, &decoder, &samples)
        case .segment(let entry, let chunk):
            guard let bytes = pool.chunk(chunk, of: entry) else { return }
            do throws(DamagedBytes) {
                try decode(bytes, range, &decoder, &samples)
            } catch {
                samples.removeAll(keepingCapacity: true)
                pool.report(chunk, of: entry, "\(error.what) does not fit")
            }
        }
    }

    private func decode(
        _ bytes: [UInt8], _ range: ClosedRange<Int64>, _ decoder: inout ChunkDecoder?, _ samples: inout [Sample]
    ) throws(DamagedBytes) {
        let own = decoder ?? ChunkDecoder()
        decoder = own
        var failure: DamagedBytes?
        bytes.withUnsafeBytes { bytes in
            do throws(DamagedBytes) {
                try own.appendSamples(bytes, column: column, in: range, to: &samples)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
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
        var sources = head ? sourcesInHead(of: series, in: range) : []
        for entry in segments where sequences.contains(entry.sequence) && entry.overlaps(range) {
            guard let index = pool.index(of: entry) else { continue }
            forEachSource(of: groups, in: range, segment: entry, index) { sources.append($0) }
        }
        sources.sort { ($0.firstTime, $0.rank) < ($1.firstTime, $1.rank) }
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
        func add(_ first: Int64, _ last: Int64, _ column: Int, _ rank: UInt64, _ place: SampleSource.Place) {
            guard first <= range.upperBound, last >= range.lowerBound else { return }
            sources.append(SampleSource(firstTime: first, lastTime: last, column: column, rank: rank, place: place))
        }
        for group in catalogue.groups(of: series) {
            if group.key.kind == .shape, let rows = head.group(.lateRows(group.key.number)) {
                for chunk in rows.chunks { add(chunk.firstTime, chunk.lastTime, group.column, 1, .chunk(chunk)) }
                if let block = rows.block?.sorted(rows: rows.rows), rows.rows > 0 {
                    add(
                        block.firstTime(), block.time(ofRow: rows.rows - 1), group.column, 1,
                        .block(block, rows: rows.rows))
                }
            }
            if group.key.kind == .late {
                guard let late = head.late[series] else { continue }
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
        return sources
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
