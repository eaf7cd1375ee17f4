/// Tells of rows that came late whether they meet anything: by instants only, group by group, since the series of a group
/// share them, and no value needs to be decoded.
struct LateRowLookup: ~Copyable {
    private var closed = ClosedInstants()
    /// Of the series of the row that is looked up.
    private var shapes = GrowingBuffer<UInt32>()
    private let decoder = ChunkDecoder()

    var memoryBytes: Int { closed.memoryBytes + shapes.memoryBytes }

    /// Whether none of the series has a sample at `time`, durable or in the portion that is being made. False, too, where
    /// that cannot be told without more.
    mutating func isFree(
        _ time: Int64, of series: UnsafeBufferPointer<UInt32>, in state: borrowing StoreState,
        _ portion: borrowing Portion, sealed: SegmentTotals, _ pool: SegmentPool
    ) -> Bool {
        closed.begin(
            ClosedInstants.Generation(
                newestSegment: state.segments.last?.sequence ?? 0, lateChunks: state.head.lateChunkCount))
        shapes.removeAll()
        for one in series {
            guard isFree(time, in: .single(one), state, portion, sealed, pool),
                isFree(time, in: .late(one), state, portion, sealed, pool)
            else { return false }
            state.catalogue.forEachShape(of: one) { shape, _ in
                if !shapes.elements.contains(shape) { shapes.append(shape) }
            }
        }
        for index in 0..<shapes.count {
            guard isFree(time, in: .shape(shapes[index]), state, portion, sealed, pool),
                isFree(time, in: .lateRows(shapes[index]), state, portion, sealed, pool)
            else { return false }
        }
        return true
    }

    private mutating func isFree(
        _ time: Int64, in key: GroupKey, _ state: borrowing StoreState, _ portion: borrowing Portion,
        _ sealed: SegmentTotals, _ pool: SegmentPool
    ) -> Bool {
        !portion.mayHaveRow(key, at: time) && !state.head.hasOpenRow(key, at: time)
            && !hasClosedRow(key, at: time, state, sealed, pool)
    }

    /// Whether a chunk of the head or of a segment has a row at `time`.
    private mutating func hasClosedRow(
        _ key: GroupKey, at time: Int64, _ state: borrowing StoreState, _ sealed: SegmentTotals, _ pool: SegmentPool
    ) -> Bool {
        if let known = closed.contains(key, time) { return known }
        var covering: [SampleSource.Place] = []
        // Between these two no other chunk has rows.
        var first = Int64.min
        var last = Int64.max
        func note(_ begin: Int64, _ end: Int64, _ place: @autoclosure () -> SampleSource.Place?) {
            if end < time {
                first = max(first, end + 1)
            } else if begin > time {
                last = min(last, begin - 1)
            } else if let place = place() {
                covering.append(place)
            }
        }
        for chunk in state.head.group(key)?.chunks ?? [] { note(chunk.firstTime, chunk.lastTime, .chunk(chunk)) }
        if time > sealed.lastTime {
            note(sealed.firstTime, sealed.lastTime, nil)
        } else if key.kind != .lateRows {
            for segment in state.segments {
                guard segment.firstTime <= time, time <= segment.lastTime else {
                    note(segment.firstTime, segment.lastTime, nil)
                    continue
                }
                for chunk in pool.index(of: segment)?.entries(of: key) ?? [] {
                    note(chunk.firstTime, chunk.lastTime, .segment(segment, chunk))
                }
            }
        }
        var isThere = false
        for place in covering {
            place.withTimes(pool: pool, decoder: decoder) { times in
                let row = times.firstIndex(notBefore: time)
                isThere = isThere || row < times.count && times[row] == time
                if covering.count == 1 { closed.note(key, around: time, times, within: first...last) }
            }
        }
        return isThere
    }
}

extension SampleSource.Place {
    /// Hands the times of a chunk to `body`, which is not called if they cannot be read.
    fileprivate func withTimes(pool: SegmentPool, decoder: ChunkDecoder, _ body: (UnsafeBufferPointer<Int64>) -> Void) {
        func read(_ bytes: [UInt8]) throws(DamagedBytes) {
            var failure: DamagedBytes?
            bytes.withUnsafeBytes { bytes in
                do throws(DamagedBytes) {
                    body(try decoder.times(bytes, Chunk.uncheckedHeader(bytes)))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        switch self {
        case .samples, .block: break
        case .chunk(let chunk):
            // Made by this process and never out of its memory: there is nothing that could be damaged.
            try? read(chunk.bytes)
        case .segment(let entry, let chunk):
            guard let bytes = pool.chunk(chunk, of: entry) else { return }
            do throws(DamagedBytes) {
                try read(bytes)
            } catch {
                pool.report(chunk, of: entry, "\(error.what) does not fit")
            }
        }
    }
}
