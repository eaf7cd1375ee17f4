import Readings

/// Samples of several runs as one ascending run with each instant once, times and values apart: what overlaps nothing as it
/// is decoded, the rest merged.
struct ColumnScan {
    let sources: [SampleSource]
    let range: ClosedRange<Int64>
    let pool: SegmentPool
    let decoder: ChunkDecoder

    /// Hands out the runs until `body` returns false.
    func forEachRun(_ body: (Span<Timestamp>, Span<Double>) throws -> Bool) throws {
        var position = 0
        var isMore = true
        while isMore, position < sources.count {
            let end = sources.overlapEnd(from: position)
            if end == position + 1 {
                try sources[position].withColumns(in: range, pool: pool, decoder: decoder) { columns in
                    isMore = try columns.times.withMemoryRebound(to: Timestamp.self) { times in
                        try body(times.span, columns.values.span)
                    }
                }
            } else {
                var merge = SampleMerge(Array(sources[position..<end]), in: range, pool: pool, decoder: decoder)
                var times: [Timestamp] = []
                var values: [Double] = []
                try merge.forEachRun { run in
                    times.removeAll(keepingCapacity: true)
                    values.removeAll(keepingCapacity: true)
                    for index in run.indices {
                        times.append(run[index].time)
                        values.append(run[index].value)
                    }
                    isMore = try body(times.span, values.span)
                    return isMore
                }
            }
            position = end
        }
    }
}
