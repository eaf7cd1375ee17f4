import Readings

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
