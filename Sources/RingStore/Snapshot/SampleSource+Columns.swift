import Readings

/// Ascending times and their values: a part of a chunk or of a block, lent for a call.
struct SampleColumns {
    let times: UnsafeBufferPointer<Int64>
    let values: UnsafeBufferPointer<Double>
    /// The digits after the point that all values are known to have.
    var digits: Int?

    /// Some rows of longer columns.
    init(
        _ times: UnsafeBufferPointer<Int64>, _ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>,
        digits: Int? = nil
    ) {
        self.times = UnsafeBufferPointer(rebasing: times[rows])
        self.values = UnsafeBufferPointer(rebasing: values[rows])
        self.digits = digits
    }
}

extension UnsafeBufferPointer<Int64> {
    /// Of ascending times, those in `range`; nil if there are none.
    func rows(in range: ClosedRange<Int64>) -> Range<Int>? {
        guard let first, let last, first <= range.upperBound, last >= range.lowerBound else { return nil }
        let begin = first >= range.lowerBound ? 0 : firstIndex(notBefore: range.lowerBound)
        let end = last <= range.upperBound ? count : firstIndex(notBefore: range.upperBound + 1)
        return begin < end ? begin..<end : nil
    }
}

extension SampleSource {
    /// Hands the samples in `range` to `body`, unless there are none. What is damaged is left out, and reported.
    func withColumns(
        in range: ClosedRange<Int64>, pool: SegmentPool, decoder: ChunkDecoder,
        _ body: (SampleColumns) throws -> Void
    ) rethrows {
        switch place {
        case .samples(let samples):
            let times = samples.map(\.time.milliseconds)
            let values = samples.map(\.value)
            try times.withUnsafeBufferPointer { times in
                guard let rows = times.rows(in: range) else { return }
                try values.withUnsafeBufferPointer { values in
                    try body(SampleColumns(times, values, rows))
                }
            }
        case .block(let block, let count):
            try withExtendedLifetime(block) {
                let times = block.times(count)
                guard let rows = times.rows(in: range) else { return }
                try body(SampleColumns(times, block.values(column, count), rows))
            }
        case .chunk(let chunk):
            try chunk.bytes.withUnsafeBytes { bytes in
                // Made by this process and never out of its memory: there is nothing that could be damaged.
                guard let header = try? Chunk.uncheckedHeader(bytes), let times = try? decoder.times(bytes, header),
                    let rows = times.rows(in: range),
                    let values = try? decoder.values(bytes, header, column: column, through: rows.upperBound)
                else { return }
                let digits = (try? Chunk.zone(bytes, header, column: column))?.digits
                try body(SampleColumns(times, values, rows, digits: digits))
            }
        case .segment(let entry, let chunk):
            guard var known = pool.known(chunk, of: entry), let bytes = known.bytes else { return }
            try bytes.withUnsafeBytes { bytes in
                let times: [Int64]
                do throws(DamagedBytes) {
                    times = try pool.times(of: &known, bytes, chunk, of: entry, decoder)
                } catch {
                    return pool.report(chunk, of: entry, "\(error.what) does not fit")
                }
                try times.withUnsafeBufferPointer { times in
                    guard let rows = times.rows(in: range) else { return }
                    let values: UnsafeBufferPointer<Double>
                    let digits: Int?
                    do throws(DamagedBytes) {
                        values = try decoder.values(bytes, known.head, column: column, through: rows.upperBound)
                        digits = try known.head.column(column).zone?.digits
                    } catch {
                        return pool.report(chunk, of: entry, "\(error.what) does not fit")
                    }
                    try body(SampleColumns(times, values, rows, digits: digits))
                }
            }
        }
    }

    /// What the head of the chunk says of the series, if there is one.
    func zone(pool: SegmentPool) -> Zone? {
        switch place {
        case .samples, .block: nil
        case .chunk(let chunk):
            chunk.bytes.withUnsafeBytes { bytes in
                guard let header = try? Chunk.uncheckedHeader(bytes) else { return nil }
                return try? Chunk.zone(bytes, header, column: column)
            }
        case .segment(let entry, let chunk): try? pool.head(of: chunk, of: entry)?.column(column).zone
        }
    }
}

extension Zone {
    /// The digits after the point that all values of the column have; nil if they are no decimals.
    var digits: Int? {
        if case .decimal(_, let exponent) = sum { exponent } else { nil }
    }
}

extension [Sample] {
    mutating func append(_ columns: SampleColumns) {
        // Filled in place: an append for each sample would look at the array's owner and room each time.
        let start = count
        let blank = Sample(time: Timestamp(milliseconds: 0), value: 0)
        append(contentsOf: repeatElement(blank, count: columns.times.count))
        withUnsafeMutableBufferPointer { samples in
            for row in columns.times.indices {
                samples[start + row] = Sample(
                    time: Timestamp(milliseconds: columns.times[row]), value: columns.values[row])
            }
        }
    }
}
