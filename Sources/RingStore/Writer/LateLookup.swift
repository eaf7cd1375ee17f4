import Readings

extension StoreWriter {
    /// Whether none of the series has a sample at `time`, durable or in the portion that is being made.
    ///
    /// Asks for instants only, group by group: the series of a group share them, and no value needs to be decoded. False,
    /// too, where that cannot be told without more.
    func isFree(_ time: Int64, of series: UnsafeBufferPointer<UInt32>) -> Bool {
        closedInstants.begin(
            ClosedInstants.Generation(
                newestSegment: state.segments.last?.sequence ?? 0, lateChunks: state.head.lateChunkCount))
        shapesSeen.removeAll()
        for one in series {
            guard isFree(time, in: .single(one)), isFree(time, in: .late(one)) else { return false }
            var isFree = true
            state.catalogue.forEachShape(of: one) { shape, _ in
                guard isFree, !shapesSeen.elements.contains(shape) else { return }
                shapesSeen.append(shape)
                isFree = self.isFree(time, in: .shape(shape)) && self.isFree(time, in: .lateRows(shape))
            }
            guard isFree else { return false }
        }
        return true
    }

    private func isFree(_ time: Int64, in key: GroupKey) -> Bool {
        !portion.mayHaveRow(key, at: time) && !state.head.hasOpenRow(key, at: time) && !hasClosedRow(key, at: time)
    }

    /// Whether a chunk of the head or of a segment has a row at `time`.
    private func hasClosedRow(_ key: GroupKey, at time: Int64) -> Bool {
        if let known = closedInstants.contains(key, time) { return known }
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
        if time > segmentTotals.lastTime {
            note(segmentTotals.firstTime, segmentTotals.lastTime, nil)
        } else if key.kind != .lateRows {
            for segment in state.segments {
                guard segment.firstTime <= time, time <= segment.lastTime else {
                    note(segment.firstTime, segment.lastTime, nil)
                    continue
                }
                for chunk in shared.pool.index(of: segment)?.entries(of: key) ?? [] {
                    note(chunk.firstTime, chunk.lastTime, .segment(segment, chunk))
                }
            }
        }
        var isThere = false
        for place in covering {
            place.withTimes(pool: shared.pool, decoder: tierTools.decoder) { times in
                let row = times.firstIndex(notBefore: time)
                isThere = isThere || row < times.count && times[row] == time
                if covering.count == 1 { closedInstants.note(key, around: time, times, within: first...last) }
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

extension StoreState {
    /// The value of `series` at `time`; nil if there is none. Like `value(of:at:pool:decoder:)`, but mostly without looking
    /// further than the open rows, where a sample that is a few minutes late belongs.
    ///
    /// `sealedEnd` is the last instant of all segments.
    func knownValue(
        of series: UInt32, at time: Int64, sealedEnd: Int64, pool: SegmentPool, decoder: inout ChunkDecoder?
    ) -> Double? {
        var mayBeElsewhere = time <= sealedEnd
        if let late = head.late[series] {
            // What came late and is still open overrides everything.
            if let value = late.newestOpen(at: time) { return value }
            mayBeElsewhere = mayBeElsewhere || late.chunks.contains { $0.covers(time) }
        }
        var value: Double?
        func look(_ key: GroupKey, _ column: Int) {
            guard let group = head.group(key) else { return }
            // Chunks come before the open rows, the newest last.
            if let newest = group.chunks.last, time <= newest.lastTime {
                mayBeElsewhere = mayBeElsewhere || group.chunks.contains { $0.covers(time) }
            } else if let block = group.block {
                withExtendedLifetime(block) {
                    let times = block.times(group.rows)
                    let row = times.firstIndex(notBefore: time)
                    if row < times.count, times[row] == time { value = block.value(column, ofRow: row) }
                }
            }
        }
        look(.single(series), 0)
        catalogue.forEachShape(of: series) { shape, column in
            look(.shape(shape), column)
            guard let rows = head.group(.lateRows(shape)) else { return }
            mayBeElsewhere = mayBeElsewhere || rows.chunks.contains { $0.covers(time) }
            guard let block = rows.block else { return }
            withExtendedLifetime(block) {
                if let row = block.times(rows.rows).firstIndex(of: time) { value = block.value(column, ofRow: row) }
            }
        }
        return mayBeElsewhere ? self.value(of: series, at: time, pool: pool, decoder: &decoder) : value
    }
}

extension HeadChunk {
    fileprivate func covers(_ time: Int64) -> Bool { firstTime <= time && time <= lastTime }
}
