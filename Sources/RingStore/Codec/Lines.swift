/// Rows whose values lie on a straight line between two others, as where a gap was filled, or hourly weather was made one
/// value in ten minutes: the line says them, and only the other rows are kept.
///
/// The numbers on a line are those of exact arithmetic, rounded to some digits. Its ends are decimals.
struct Lines {
    /// Where one begins, and how many rows further it ends: both of these rows are kept.
    struct Line: Equatable {
        var start: Int
        var length: Int

        var end: Int { start + length }
        /// How many rows it says.
        var between: Int { length - 1 }
    }

    /// What the numbers between the ends were rounded to.
    let rounding: Lattice.Rounding
    /// At which the ends are whole numbers.
    let exponent: Int

    static let leastLength = 2

    /// Fills the rows between the two ends, that are in `out` already. False if an end is no decimal, or a number too large.
    @inline(__always)
    func fill(_ line: Line, _ out: UnsafeMutableBufferPointer<Double>) -> Bool {
        guard let points = points(UnsafeBufferPointer(out), line) else { return false }
        for row in 1..<line.length {
            guard let value = points.value(row) else { return false }
            out[line.start &+ row] = value
        }
        return true
    }

    /// Whether `fill` would give every row between the ends the bits that it has.
    func holds(_ line: Line, _ values: UnsafeBufferPointer<Double>) -> Bool {
        guard let points = points(values, line) else { return false }
        for row in 1..<line.length {
            guard points.value(row)?.bitPattern == values[line.start + row].bitPattern else { return false }
        }
        return true
    }

    /// Step k = first · length + row · (last − first) of the lattice whose unit is a length'th of the ends' unit.
    private struct Points {
        let lattice: Lattice
        let first: Int64
        let change: Int64

        @inline(__always)
        func value(_ row: Int) -> Double? { lattice.value(first &+ Int64(row) &* change) }
    }

    private func points(_ values: UnsafeBufferPointer<Double>, _ line: Line) -> Points? {
        let power = DecimalScale.power(exponent)
        guard let first = DecimalScale.integer(values[line.start], times: power),
            let last = DecimalScale.integer(values[line.end], times: power),
            max(first.magnitude, last.magnitude) < 1 << 50 / UInt64(line.length)
        else { return nil }
        var numerator: Int64 = 1
        if case .decimals(let decimals) = rounding { numerator = Int64(DecimalScale.power(decimals)) }
        return Points(
            lattice: Lattice(
                numerator: numerator, denominator: Int64(line.length) * Int64(power), rounding: rounding),
            first: first * Int64(line.length), change: last - first)
    }

    // MARK: Bytes

    /// `u8` rounding, `u8` exponent, varint count; then for each line the rows from the end of the one before (or from the first
    /// row), and the rows from end to end less `leastLength`: two runs of whole numbers, each behind its `u8` coder.
    func append(_ lines: [Line], scratch: ColumnScratch, to out: inout ByteWriter) {
        rounding.append(to: &out)
        out.append(UInt8(exponent))
        out.appendVarint(UInt64(lines.count))
        var end = 0
        for (index, line) in lines.enumerated() {
            scratch.stream[index] = UInt64(line.start - end)
            end = line.end
        }
        IntegerStream.appendSmallest(UnsafeBufferPointer(scratch.stream.first(lines.count)), scratch: scratch, to: &out)
        for (index, line) in lines.enumerated() {
            scratch.stream[index] = UInt64(line.length - Lines.leastLength)
        }
        IntegerStream.appendSmallest(UnsafeBufferPointer(scratch.stream.first(lines.count)), scratch: scratch, to: &out)
    }

    /// Reads lines and, by `keep`, the other rows' values into the front of what it is given; fills `out`.
    static func decode(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<Double>,
        keep: (inout ByteReader, UnsafeMutableBufferPointer<Double>) throws(DamagedBytes) -> Void
    ) throws(DamagedBytes) {
        let rounding = try Lattice.Rounding(&reader)
        let exponent = Int(try reader.integer(UInt8.self))
        guard exponent <= DecimalScale.largestExponent,
            let count = Int(exactly: try reader.varint()), count <= out.count / leastLength
        else { throw DamagedBytes("lines") }
        // Nobody else needs these two while the other rows are read.
        let ends = scratch.lines.first(count)
        let lengths = UnsafeMutableBufferPointer(rebasing: scratch.lines[count..<(2 * count)])
        try IntegerStream.decode(&reader, scratch: scratch, into: ends)
        try IntegerStream.decode(&reader, scratch: scratch, into: lengths)
        var (end, kept) = (0, out.count)
        for index in 0..<count {
            let most = UInt64(out.count - 1 - end)
            guard ends[index] <= most, most - ends[index] >= UInt64(leastLength),
                lengths[index] <= most - ends[index] - UInt64(leastLength)
            else { throw DamagedBytes("line") }
            let length = Int(lengths[index]) + leastLength
            end += Int(ends[index]) + length
            ends[index] = UInt64(end)
            kept -= length - 1
        }
        try keep(&reader, out.first(kept))
        // From the last row on, so that no value is overwritten before it has moved.
        let lines = Lines(rounding: rounding, exponent: exponent)
        var (from, to) = (kept - 1, out.count - 1)
        for index in stride(from: count - 1, through: 0, by: -1) {
            let length = Int(lengths[index]) + leastLength
            let line = Line(start: Int(ends[index]) - length, length: length)
            while to >= line.end {
                out[to] = out[from]
                to -= 1
                from -= 1
            }
            out[line.start] = out[from]
            guard lines.fill(line, out) else { throw DamagedBytes("line") }
            to = line.start
        }
    }
}
