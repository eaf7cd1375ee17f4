import Readings

/// Rows of one group, decoded: as many as one chunk may hold. Working memory that is used again for every group.
final class RowWindow {
    private(set) var times: [Int64] = []
    private(set) var columns: [[Double]] = []

    var rows: Int { times.count }

    func begin(columns count: Int) {
        times.removeAll(keepingCapacity: true)
        while columns.count < count { columns.append([]) }
        if columns.count > count { columns.removeSubrange(count...) }
        for column in columns.indices { columns[column].removeAll(keepingCapacity: true) }
    }

    /// One column of samples.
    func begin(_ samples: ArraySlice<Sample>) {
        begin(columns: 1)
        for sample in samples {
            times.append(sample.time.milliseconds)
            columns[0].append(sample.value)
        }
    }

    /// Adds the rows of a chunk that never left this process.
    func append(_ chunk: HeadChunk, _ decoder: ChunkDecoder) {
        chunk.bytes.withUnsafeBytes { bytes in
            guard let header = try? Chunk.uncheckedHeader(bytes), header.columns == columns.count,
                let decoded = try? decoder.times(bytes, header)
            else { return }
            let before = times.count
            times.append(contentsOf: decoded)
            for column in columns.indices {
                if let values = try? decoder.values(bytes, header, column: column) {
                    columns[column].append(contentsOf: values)
                } else {
                    // Cannot be: but a column that is shorter than the others must not be.
                    columns[column].append(contentsOf: repeatElement(.nan, count: times.count - before))
                }
            }
        }
    }

    func append(_ block: OpenBlock, rows: Int) {
        times.append(contentsOf: block.times(rows))
        for column in columns.indices { columns[column].append(contentsOf: block.values(column, rows)) }
    }

    /// Brings the rows into the order of time.
    func sort() {
        guard zip(times, times.dropFirst()).contains(where: { $0 > $1 }) else { return }
        var order = Array(times.indices)
        order.sort { times[$0] < times[$1] }
        times = order.map { times[$0] }
        for column in columns.indices { columns[column] = order.map { columns[column][$0] } }
    }

    func firstIndex(notBefore time: Int64) -> Int { times.withUnsafeBufferPointer { $0.firstIndex(notBefore: time) } }

    func remove(_ rows: Range<Int>) {
        times.removeSubrange(rows)
        for column in columns.indices { columns[column].removeSubrange(rows) }
    }

    /// Gives the rows at the instants of `samples` their values, and says which were given.
    func replace(_ column: Int, with late: inout LatePlaces.Samples) {
        guard let first = times.first, let last = times.last else { return }
        var row = 0
        for index in late.indices(from: first, through: last) {
            let time = late.samples[index].time.milliseconds
            while times[row] < time { row += 1 }
            if times[row] == time {
                columns[column][row] = late.samples[index].value
                late.take(index)
            }
        }
    }

    /// Puts rows between those that are there. All three lists ascend, and no instant is in both.
    func insert(_ newTimes: [Int64], _ newColumns: [[Double]]) {
        guard !newTimes.isEmpty else { return }
        var from = times.count - 1
        var new = newTimes.count - 1
        var to = times.count + newTimes.count - 1
        times.append(contentsOf: newTimes)
        for column in columns.indices { columns[column].append(contentsOf: newColumns[column]) }
        while new >= 0 {
            let isNew = from < 0 || times[from] < newTimes[new]
            times[to] = isNew ? newTimes[new] : times[from]
            for column in columns.indices {
                columns[column][to] = isNew ? newColumns[column][new] : columns[column][from]
            }
            if isNew { new -= 1 } else { from -= 1 }
            to -= 1
        }
    }

    /// Appends rows as a chunk.
    func encode(
        _ rows: Range<Int>, _ key: GroupKey, _ encoder: ChunkEncoder, _ hints: inout ChunkHints,
        to out: inout ByteWriter
    ) {
        times.withUnsafeBufferPointer { times in
            encoder.append(
                key: key, times: UnsafeBufferPointer(rebasing: times[rows]), columns: columns.count, hints: &hints,
                // Valid for the call that uses it only: nothing changes the columns meanwhile.
                column: { column in
                    columns[column].withUnsafeBufferPointer { UnsafeBufferPointer(rebasing: $0[rows]) }
                }, to: &out)
        }
    }
}
