import Readings

/// A tier's records of one series, as a chunk: the begin of the bucket as its time, and six columns.
///
/// Where all numbers are decimals of one scale they are kept as whole numbers of that scale, and those that lie close
/// to each other as differences: the greatest above the least, the last above the least, the first against the last of
/// the bucket before. Else they are kept as they are. Either way every bit comes back.
enum TierChunk {
    static let columns = 6
    /// About what a chunk and its place in an index take beside the records.
    static let bytesOfSeries = 200

    private enum Column: Int {
        case count, least, greatest, sum, first, last
    }

    /// In the chunk's flags: 0, or the digits after the point plus one.
    private static let scaleShift: UInt8 = 4

    /// Working memory for encoding: six columns and the times.
    final class Scratch {
        fileprivate var times: [Int64] = []
        fileprivate var columns: [[Double]] = Array(repeating: [], count: TierChunk.columns)
    }

    /// Appends the chunk of `records`, at most `Chunk.mostRows`, by ascending buckets.
    static func append(
        _ records: ArraySlice<Aggregate>, of series: UInt32, encoder: ChunkEncoder, scratch: Scratch,
        to out: inout ByteWriter
    ) {
        scratch.times.removeAll(keepingCapacity: true)
        for column in scratch.columns.indices { scratch.columns[column].removeAll(keepingCapacity: true) }
        for record in records {
            scratch.times.append(record.start.milliseconds)
            scratch.columns[Column.count.rawValue].append(Double(record.count))
        }
        var flags = Chunk.Flags()
        if let digits = commonDigits(records) {
            flags = Chunk.Flags(rawValue: UInt8(digits + 1) << scaleShift)
            appendScaled(records, DecimalScale.power(digits), scratch)
        } else {
            for record in records {
                scratch.columns[Column.least.rawValue].append(record.min)
                scratch.columns[Column.greatest.rawValue].append(record.max)
                scratch.columns[Column.sum.rawValue].append(record.sum)
                scratch.columns[Column.first.rawValue].append(record.first)
                scratch.columns[Column.last.rawValue].append(record.last)
            }
        }
        scratch.times.withUnsafeBufferPointer { times in
            encoder.append(
                key: .single(series), flags: flags, times: times, columns: columns,
                // Valid for the call that uses it only: the array lives on in `scratch`.
                column: { column in scratch.columns[column].withUnsafeBufferPointer { $0 } }, to: &out)
        }
    }

    private static func appendScaled(_ records: ArraySlice<Aggregate>, _ power: Double, _ scratch: Scratch) {
        func scaled(_ value: Double) -> Double { Double(DecimalScale.integer(value, times: power) ?? 0) }
        var before: Double?
        for record in records {
            let least = scaled(record.min)
            let last = scaled(record.last)
            scratch.columns[Column.least.rawValue].append(least)
            scratch.columns[Column.greatest.rawValue].append(scaled(record.max) - least)
            scratch.columns[Column.sum.rawValue].append(scaled(record.sum))
            scratch.columns[Column.first.rawValue].append(scaled(record.first) - (before ?? least))
            scratch.columns[Column.last.rawValue].append(last - least)
            before = last
        }
    }

    /// The digits after the point at which all numbers of `records` are whole; nil if there are none.
    private static func commonDigits(_ records: ArraySlice<Aggregate>) -> Int? {
        var digits = 0
        func take(_ value: Double) -> Bool {
            if DecimalScale.integer(value, times: DecimalScale.power(digits)) != nil { return true }
            guard let needed = DecimalScale.exponent(of: value, from: digits) else { return false }
            digits = needed
            return true
        }
        for _ in 0..<2 {
            // The second time because an early number may be too large for the digits of a later one.
            for record in records {
                guard take(record.min), take(record.max), take(record.sum), take(record.first), take(record.last)
                else { return nil }
            }
        }
        let power = DecimalScale.power(digits)
        for record in records {
            for value in [record.min, record.max, record.sum, record.first, record.last]
            where DecimalScale.integer(value, times: power) == nil {
                return nil
            }
        }
        return digits
    }

    /// Appends those records of a checked chunk that begin in `range`.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, in range: ClosedRange<Int64>,
        _ detail: AggregateDetail = .all, decoder: ChunkDecoder, to out: inout [Aggregate]
    ) throws(DamagedBytes) {
        guard header.columns == columns else { throw DamagedBytes("tier columns") }
        let scale = Int(header.flags.rawValue >> scaleShift)
        guard scale <= DecimalScale.largestExponent + 1 else { throw DamagedBytes("tier scale") }
        let times = try decoder.times(bytes, header)
        let first = times.firstIndex(notBefore: range.lowerBound)
        var end = times.count
        if let last = times.last, last > range.upperBound { end = times.firstIndex(notBefore: range.upperBound + 1) }
        guard first < end else { return }
        if detail == .mean {
            let power = scale == 0 ? 1 : DecimalScale.power(scale - 1)
            return try appendMeans(bytes, header, times, first..<end, power, decoder, to: &out)
        }
        let start = out.count
        out.append(contentsOf: repeatElement(blank, count: end - first))
        for row in first..<end { out[start + row - first].start = Timestamp(milliseconds: times[row]) }
        let rows = first..<end
        do throws(DamagedBytes) {
            if scale == 0 {
                try decodePlain(bytes, header, rows, decoder, start, &out)
            } else {
                try decodeScaled(bytes, header, rows, DecimalScale.power(scale - 1), decoder, start, &out)
            }
        } catch {
            out.removeSubrange(start...)
            throw error
        }
    }

    /// Counts and sums alone.
    private static func appendMeans(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ times: UnsafeBufferPointer<Int64>,
        _ rows: Range<Int>,
        _ power: Double, _ decoder: ChunkDecoder, to out: inout [Aggregate]
    ) throws(DamagedBytes) {
        let counts = try decoder.keptValues(bytes, header, column: Column.count.rawValue)
        guard counts.allSatisfy(isCount) else { throw DamagedBytes("tier count") }
        let sums = try decoder.values(bytes, header, column: Column.sum.rawValue)
        // With room for what others add.
        let means = [Aggregate](unsafeUninitializedCapacity: max(out.capacity, rows.count)) { means, count in
            func set(_ row: Int, _ sum: Double) {
                means.initializeElement(
                    at: row &- rows.lowerBound,
                    to: Aggregate(
                        start: Timestamp(milliseconds: times[row]), count: Int(counts[row]), min: 0, max: 0, sum: sum,
                        first: 0, last: 0))
            }
            // Two divisions take as long as one.
            var row = rows.lowerBound
            while row &+ 2 <= rows.upperBound {
                let pair = SIMD2(sums[row], sums[row &+ 1]) / SIMD2(repeating: power)
                set(row, pair[0])
                set(row &+ 1, pair[1])
                row &+= 2
            }
            if row < rows.upperBound { set(row, sums[row] / power) }
            count = rows.count
        }
        if out.isEmpty { out = means } else { out.append(contentsOf: means) }
    }

    /// What is filled in column by column.
    private static let blank = Aggregate(
        start: Timestamp(milliseconds: 0), count: 0, min: 0, max: 0, sum: 0, first: 0, last: 0)

    /// Also false for NaN.
    private static func isCount(_ value: Double) -> Bool { value >= 1 && value < DecimalSum.limit }

    /// Hands the values of one column over, with the record that each belongs to.
    @inline(__always)
    private static func each(
        _ column: Column, _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ rows: Range<Int>,
        _ decoder: ChunkDecoder, _ start: Int, _ out: inout [Aggregate], _ body: (inout Aggregate, Double) -> Void
    ) throws(DamagedBytes) {
        let values = try decoder.values(bytes, header, column: column.rawValue)
        out.withUnsafeMutableBufferPointer { out in
            for row in rows { body(&out[start + row - rows.lowerBound], values[row]) }
        }
    }

    private static func decodeCount(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ rows: Range<Int>, _ decoder: ChunkDecoder,
        _ start: Int, _ out: inout [Aggregate]
    ) throws(DamagedBytes) {
        var isWhole = true
        try each(.count, bytes, header, rows, decoder, start, &out) { record, value in
            if isCount(value) { record.count = Int(value) } else { isWhole = false }
        }
        guard isWhole else { throw DamagedBytes("tier count") }
    }

    private static func decodePlain(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ rows: Range<Int>, _ decoder: ChunkDecoder,
        _ start: Int, _ out: inout [Aggregate]
    ) throws(DamagedBytes) {
        try decodeCount(bytes, header, rows, decoder, start, &out)
        try each(.least, bytes, header, rows, decoder, start, &out) { $0.min = $1 }
        try each(.greatest, bytes, header, rows, decoder, start, &out) { $0.max = $1 }
        try each(.sum, bytes, header, rows, decoder, start, &out) { $0.sum = $1 }
        try each(.first, bytes, header, rows, decoder, start, &out) { $0.first = $1 }
        try each(.last, bytes, header, rows, decoder, start, &out) { $0.last = $1 }
    }

    private static func decodeScaled(
        _ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ rows: Range<Int>, _ power: Double,
        _ decoder: ChunkDecoder, _ start: Int, _ out: inout [Aggregate]
    ) throws(DamagedBytes) {
        try decodeCount(bytes, header, rows, decoder, start, &out)
        try each(.sum, bytes, header, rows, decoder, start, &out) { $0.sum = $1 / power }
        // Whole numbers below 2^53 all along: Doubles add and subtract them exactly.
        try each(.least, bytes, header, rows, decoder, start, &out) { $0.min = $1 }
        try each(.last, bytes, header, rows, decoder, start, &out) { $0.last = $0.min + $1 }
        // Of the record before the first one that is wanted: what its last value was.
        var before: Double?
        if rows.lowerBound > 0 {
            let row = rows.lowerBound - 1
            let least = try decoder.values(bytes, header, column: Column.least.rawValue)[row]
            before = least + (try decoder.values(bytes, header, column: Column.last.rawValue)[row])
        }
        try each(.first, bytes, header, rows, decoder, start, &out) { record, value in
            record.first = ((before ?? record.min) + value) / power
            before = record.last
        }
        try each(.greatest, bytes, header, rows, decoder, start, &out) { record, value in
            record.max = (record.min + value) / power
            record.min /= power
            record.last /= power
        }
    }
}
