import Readings

/// Reads chunks. Holds working memory: one a thread.
struct ChunkDecoder {
    private let scratch = ColumnScratch()
    private let decoded = Decoded()

    /// About what one takes.
    static let memoryBytes = ColumnScratch.memoryBytes + 24 * Chunk.mostRows + (32 << 10)

    /// The times and values of one chunk.
    private final class Decoded {
        let times = UnsafeMutableBufferPointer<Int64>.allocate(capacity: Chunk.mostRows)
        let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: Chunk.mostRows)
        /// Of a column that is needed beside another one.
        let kept = UnsafeMutableBufferPointer<Double>.allocate(capacity: Chunk.mostRows)

        deinit {
            times.deallocate()
            values.deallocate()
            kept.deallocate()
        }
    }

    /// The times of the chunk. Valid until the next call.
    func times(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Int64> {
        let out = UnsafeMutableBufferPointer(rebasing: decoded.times[..<header.rows])
        try decodeTimes(bytes, header, at: try Chunk.timePlace(bytes, header), into: out)
        return UnsafeBufferPointer(out)
    }

    /// The times of the chunk, as memory of their own.
    func times(_ bytes: UnsafeRawBufferPointer, _ head: ChunkHead) throws(DamagedBytes) -> [Int64] {
        let rows = head.header.rows
        var failure: DamagedBytes?
        let times = [Int64](unsafeUninitializedCapacity: rows) { out, count in
            do throws(DamagedBytes) {
                let out = UnsafeMutableBufferPointer(rebasing: out[..<rows])
                try decodeTimes(bytes, head.header, at: head.times, into: out)
                count = rows
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return times
    }

    private func decodeTimes(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, at place: Range<Int>,
        into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        var reader = try ByteReader(bytes, from: place.lowerBound, to: place.upperBound)
        try TimeColumn.decode(
            &reader, first: header.firstTime, last: header.lastTime, scratch: scratch, into: out)
    }

    /// The values of one column, or the first `wanted` of them. Valid until the next call.
    func values(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, column: Int, through wanted: Int? = nil
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Double> {
        var place = try place(bytes, header, column)
        return try values(
            bytes, rows: header.rows, wanted, at: place.body,
            constant: place.body.isEmpty ? try ZoneRecord.constant(&place.zone) : nil)
    }

    /// The values of one column. Valid until the next call of this function, also while those of other columns are read.
    func keptValues(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, column: Int
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Double> {
        let values = try values(bytes, header, column: column)
        _ = decoded.kept.update(fromContentsOf: values)
        return UnsafeBufferPointer(rebasing: decoded.kept[..<values.count])
    }

    /// The values of one column, or the first `wanted` of them. Valid until the next call.
    func values(
        _ bytes: UnsafeRawBufferPointer, _ head: ChunkHead, column: Int, through wanted: Int? = nil
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Double> {
        let place = try head.original(column, bytes)
        return try values(
            bytes, rows: head.header.rows, wanted, at: place.body, constant: place.constant, zone: place.zone)
    }

    private func values(
        _ bytes: UnsafeRawBufferPointer, rows: Int, _ wanted: Int?, at place: Range<Int>, constant: Double?,
        zone: Zone? = nil
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Double> {
        let out = UnsafeMutableBufferPointer(rebasing: decoded.values[..<rows])
        let wanted = min(wanted ?? rows, rows)
        if place.isEmpty {
            guard let constant else { throw DamagedBytes("column length") }
            out.update(repeating: constant)
        } else {
            var reader = try ByteReader(bytes, from: place.lowerBound, to: place.upperBound)
            try ValueColumn.decode(&reader, zone: zone, through: wanted, scratch: scratch, into: out)
        }
        return UnsafeBufferPointer(out.first(wanted))
    }

    /// What a zone says of a chunk, of the rows `rows` alone, which must be within it and not empty; nil if one of them is a
    /// NaN or an infinity. Decimals are summed as the whole numbers that they are, which is quicker than reading their values,
    /// and exact.
    func summary(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, column: Int, rows: Range<Int>
    ) throws(DamagedBytes) -> Zone? {
        guard rows.lowerBound >= 0, rows.upperBound <= header.rows, !rows.isEmpty else { throw DamagedBytes("rows") }
        let place = try place(bytes, header, column)
        if place.body.count > 1 {
            var reader = try ByteReader(bytes, from: place.body.lowerBound, to: place.body.upperBound)
            let integers = scratch.integers.first(header.rows)
            if let exponent = try ValueColumn.decodeIntegers(&reader, scratch: scratch, into: integers) {
                return Zone(UnsafeBufferPointer(rebasing: integers[rows]), exponent: exponent)
            }
        }
        return Zone(UnsafeBufferPointer(rebasing: try values(bytes, header, column: column)[rows]))
    }

    /// Where a column's values are: its own place, or that of its twin.
    private func place(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ column: Int
    ) throws(DamagedBytes) -> Chunk.ColumnPlace {
        let place = try Chunk.place(bytes, header, column: column)
        guard place.body.count == 2, bytes[place.body.lowerBound] == ValueColumn.Codec.twin.rawValue else {
            return place
        }
        let twin = Int(bytes[place.body.lowerBound + 1])
        guard twin < column else { throw DamagedBytes("twin") }
        return try Chunk.place(bytes, header, column: twin)
    }

    /// Appends the samples of `column` to `out`. The chunk's CRC must have been checked.
    func appendSamples(
        _ bytes: UnsafeRawBufferPointer, column: Int, to out: inout [Sample]
    ) throws(DamagedBytes) {
        let header = try Chunk.uncheckedHeader(bytes)
        let times = try times(bytes, header)
        out.append(SampleColumns(times, try values(bytes, header, column: column), times.indices))
    }
}

extension UnsafeBufferPointer<Int64> {
    /// Of ascending times, the index of the first that is not before `time`; `count` if there is none.
    func firstIndex(notBefore time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
