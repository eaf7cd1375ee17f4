import Readings

/// Reads chunks. Holds working memory: one a thread.
struct ChunkDecoder {
    private let scratch = ColumnScratch()
    private let decoded = Decoded()

    /// The times and values of one chunk.
    private final class Decoded {
        let times = UnsafeMutableBufferPointer<Int64>.allocate(capacity: Chunk.mostRows)
        let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: Chunk.mostRows)

        init() {
            times.initialize(repeating: 0)
            values.initialize(repeating: 0)
        }

        deinit {
            times.deallocate()
            values.deallocate()
        }
    }

    /// The times of the chunk. Valid until the next call.
    func times(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Int64> {
        let place = try Chunk.timePlace(bytes, header)
        var reader = try ByteReader(bytes, from: place.lowerBound, to: place.upperBound)
        let out = UnsafeMutableBufferPointer(rebasing: decoded.times[..<header.rows])
        try TimeColumn.decode(
            &reader, first: header.firstTime, last: header.lastTime, scratch: scratch, into: out)
        return UnsafeBufferPointer(out)
    }

    /// The values of one column. Valid until the next call.
    func values(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, column: Int
    ) throws(DamagedBytes) -> UnsafeBufferPointer<Double> {
        var place = try place(bytes, header, column)
        let out = UnsafeMutableBufferPointer(rebasing: decoded.values[..<header.rows])
        if place.body.isEmpty {
            guard let value = try ZoneRecord.constant(&place.zone) else { throw DamagedBytes("column length") }
            out.update(repeating: value)
        } else {
            var reader = try ByteReader(bytes, from: place.body.lowerBound, to: place.body.upperBound)
            try ValueColumn.decode(&reader, scratch: scratch, into: out)
        }
        return UnsafeBufferPointer(out)
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

    /// Appends the samples of `column` that lie in `range` to `out`. The chunk's CRC must have been checked.
    func appendSamples(
        _ bytes: UnsafeRawBufferPointer, column: Int, in range: ClosedRange<Int64>, to out: inout [Sample]
    ) throws(DamagedBytes) {
        let header = try Chunk.uncheckedHeader(bytes)
        let times = try times(bytes, header)
        let values = try values(bytes, header, column: column)
        out.appendSamples(times: times, values: values, in: range)
    }
}

extension [Sample] {
    /// Appends the pairs whose time lies in `range`; `times` ascends.
    mutating func appendSamples(
        times: UnsafeBufferPointer<Int64>, values: UnsafeBufferPointer<Double>, in range: ClosedRange<Int64>
    ) {
        let first = times.firstIndex(notBefore: range.lowerBound)
        var end = times.count
        if let last = times.last, last > range.upperBound {
            end = range.upperBound == .max ? end : times.firstIndex(notBefore: range.upperBound + 1)
        }
        guard first < end else { return }
        // Filled in place: an append for each sample would look at the array's owner and room each time.
        let start = count
        let placeholder = Sample(time: Timestamp(milliseconds: 0), value: 0)
        append(contentsOf: repeatElement(placeholder, count: end - first))
        withUnsafeMutableBufferPointer { samples in
            for index in first..<end {
                samples[start + index - first] = Sample(
                    time: Timestamp(milliseconds: times[index]), value: values[index])
            }
        }
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
