/// The bytes of a value column of which not all rows are equal: Doubles, kept bit for bit.
///
/// Most codecs make whole numbers of the values, which a `Predictor` and an `IntegerStream` coder make small.
enum ValueColumn {
    enum Codec: UInt8 {
        /// Whole numbers i of which the value is i / 10^exponent.
        case decimal = 1
        /// Steps of a lattice.
        case lattice = 2
        /// Numbers of a table of the distinct values.
        case dictionary = 3
        /// The front bits from a short table, the others as they are ("ALP-RD", Afroozeh et al., SIGMOD 2024).
        case frontBits = 4
        /// Each value's bits XOR those of the value before.
        case xor = 5
        /// Eight bytes a row.
        case raw = 6
        /// `u8` number of an earlier column that has the same values.
        case twin = 7
        /// `Lines`, and another column for the rows that they leave.
        case lines = 8
    }

    /// In the byte behind predictor and coder.
    static let hasDivisor: UInt8 = 0x40
    static let hasExceptions: UInt8 = 0x80
    /// Front bits are 16 at most, of which at most so many kinds occur.
    static let mostFronts = 64
    static let frontWidths = 1...16

    /// Reads the first `wanted` of as many values as `out` has room for, which are two or more: those behind may be left out.
    /// What `zone`, of the same column, says of them makes it quicker.
    static func decode(
        _ reader: inout ByteReader, zone: Zone? = nil, through wanted: Int, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        guard let codec = Codec(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("value codec") }
        guard codec == .lines else { return try decode(&reader, codec, zone, wanted, scratch: scratch, into: out) }
        try Lines.decode(&reader, scratch: scratch, into: out) { (reader, kept) throws(DamagedBytes) in
            guard let codec = Codec(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("value codec") }
            try decode(&reader, codec, nil, kept.count, scratch: scratch, into: kept)
        }
    }

    private static func decode(
        _ reader: inout ByteReader, _ codec: Codec, _ zone: Zone?, _ wanted: Int, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        guard out.count >= 2, out.count <= Chunk.mostRows else { throw DamagedBytes("rows") }
        switch codec {
        case .decimal: try decodeDecimal(&reader, zone, wanted, scratch: scratch, into: out)
        case .lattice: try decodeLattice(&reader, wanted, scratch: scratch, into: out)
        case .dictionary: try decodeDictionary(&reader, wanted, scratch: scratch, into: out)
        case .frontBits: try decodeFrontBits(&reader, scratch: scratch, into: out)
        case .xor: try decodeXOR(&reader, scratch: scratch, into: out)
        case .twin, .lines: throw DamagedBytes("value codec")
        case .raw:
            let bytes = try reader.slice(8 * out.count)
            for row in out.indices {
                out[row] = Double(
                    bitPattern: UInt64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * row, as: UInt64.self)))
            }
        }
    }

    private static func prediction(
        _ reader: inout ByteReader
    ) throws(DamagedBytes) -> (predictor: Predictor, coder: IntegerStream.Coder) {
        let byte = try reader.integer(UInt8.self)
        guard let predictor = Predictor(rawValue: byte & 15), let coder = IntegerStream.Coder(rawValue: byte >> 4)
        else {
            throw DamagedBytes("predictor")
        }
        return (predictor, coder)
    }

    /// Reads the whole numbers of a decimal column without exceptions; returns their exponent. Nil, with nothing read, if the
    /// column is of another kind.
    static func decodeIntegers(
        _ reader: inout ByteReader, scratch: ColumnScratch, into integers: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) -> Int? {
        var ahead = reader
        guard try ahead.integer(UInt8.self) == Codec.decimal.rawValue else { return nil }
        _ = try ahead.integer(UInt8.self)
        guard try ahead.integer(UInt8.self) & hasExceptions == 0 else { return nil }
        _ = try reader.integer(UInt8.self)
        let form = try DecimalForm(&reader)
        try form.predictor.decode(&reader, form.coder, scratch: scratch, into: integers)
        form.scale(integers)
        // The encoder makes none beyond 2^51, of which a sum could not be trusted.
        for integer in integers where integer.magnitude >= 1 << 51 { throw DamagedBytes("decimals") }
        return form.exponent
    }

    /// What stands before the numbers of a decimal column.
    private struct DecimalForm {
        let predictor: Predictor
        let coder: IntegerStream.Coder
        let exponent: Int
        let divisor: Int64
        let base: Int64
        let exceptions: Exceptions

        init(_ reader: inout ByteReader) throws(DamagedBytes) {
            (predictor, coder) = try prediction(&reader)
            let form = try reader.integer(UInt8.self)
            exponent = Int(form & 0x3f)
            guard exponent <= DecimalScale.largestExponent else { throw DamagedBytes("exponent") }
            let isScaled = form & hasDivisor != 0
            divisor = isScaled ? Int64(bitPattern: try reader.varint()) : 1
            base = isScaled ? try reader.signedVarint() : 0
            exceptions = try Exceptions(&reader, form)
        }

        func scale(_ integers: UnsafeMutableBufferPointer<Int64>) {
            guard divisor != 1 || base != 0 else { return }
            for row in integers.indices { integers[row] = base &+ divisor &* integers[row] }
        }
    }

    private static func decodeDecimal(
        _ reader: inout ByteReader, _ zone: Zone?, _ wanted: Int, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        let form = try DecimalForm(&reader)
        let rows = form.predictor.rows(reaching: wanted, of: out.count, form.coder)
        if let least = makeTable(form, zone, rows: rows, scratch) {
            let table = scratch.table
            let places = ColumnScratch.mostTable - 1
            try form.predictor.decode(&reader, form.coder, scratch: scratch, rows: rows) { row, integer in
                // Only in a forged chunk is one of them beyond, or an exception takes its place.
                out[row] = table[Int(truncatingIfNeeded: integer &- least) & places]
            } run: { rows, integer in
                out[rows].update(repeating: table[Int(truncatingIfNeeded: integer &- least) & places])
            }
        } else {
            let integers = scratch.integers.first(rows)
            try form.predictor.decode(&reader, form.coder, scratch: scratch, into: integers)
            form.scale(integers)
            DecimalScale.values(UnsafeBufferPointer(integers), exponent: form.exponent, into: out.first(rows))
        }
        try form.exceptions.apply(to: out)
    }

    /// Divides once for each whole number that there may be, not for each row, into `scratch.table`. Returns the first;
    /// nil if that are too many.
    private static func makeTable(
        _ form: DecimalForm, _ zone: Zone?, rows: Int, _ scratch: ColumnScratch
    ) -> Int64? {
        let power = DecimalScale.power(form.exponent)
        guard form.divisor > 0, let zone, let lowest = DecimalScale.integer(zone.min, times: power),
            let highest = DecimalScale.integer(zone.max, times: power), lowest <= highest,
            (highest - lowest) / form.divisor < rows / 4
        else { return nil }
        // Where the divisor divides: it does, but for forged chunks.
        let least = (lowest &- form.base) / form.divisor
        let last = (highest - lowest) / form.divisor
        for offset in 0...Int(last) {
            scratch.table[offset] = Double(lowest &+ Int64(offset) &* form.divisor) / power
        }
        return least
    }

    private static func decodeLattice(
        _ reader: inout ByteReader, _ wanted: Int, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        let (predictor, coder) = try prediction(&reader)
        let form = try reader.integer(UInt8.self)
        let lattice = try Lattice(&reader)
        let exceptions = try Exceptions(&reader, form)
        let steps = scratch.integers.first(predictor.rows(reaching: wanted, of: out.count, coder))
        try predictor.decode(&reader, coder, scratch: scratch, into: steps)
        var least = Int64.max
        var most = Int64.min
        for step in steps {
            least = min(least, step)
            most = max(most, step)
        }
        let (span, overflow) = most.subtractingReportingOverflow(least)
        if !overflow, span < Int64(min(2 * steps.count, scratch.table.count)) {
            // Worked out once for each step, not for each row.
            for offset in 0...Int(span) {
                guard let value = lattice.value(least + Int64(offset)) else { throw DamagedBytes("lattice") }
                scratch.table[offset] = value
            }
            for row in steps.indices { out[row] = scratch.table[Int(steps[row] &- least)] }
        } else {
            for row in steps.indices {
                guard let value = lattice.value(steps[row]) else { throw DamagedBytes("lattice") }
                out[row] = value
            }
        }
        try exceptions.apply(to: out)
    }

    private static func decodeDictionary(
        _ reader: inout ByteReader, _ wanted: Int, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        let (predictor, coder) = try prediction(&reader)
        let count = UInt64(try ValueTable.decode(&reader, scratch: scratch))
        let ranks = scratch.integers.first(predictor.rows(reaching: wanted, of: out.count, coder))
        try predictor.decode(&reader, coder, scratch: scratch, into: ranks)
        var most: UInt64 = 0
        for rank in ranks { most = max(most, UInt64(bitPattern: rank)) }
        guard most < count else { throw DamagedBytes("table") }
        for row in ranks.indices { out[row] = scratch.table[Int(ranks[row])] }
    }

    private static func decodeFrontBits(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        guard let coder = IntegerStream.Coder(rawValue: try reader.integer(UInt8.self)) else {
            throw DamagedBytes("coder")
        }
        let shift = UInt64(try reader.integer(UInt8.self))
        let width = Int(try reader.integer(UInt8.self))
        let count = Int(try reader.integer(UInt8.self))
        guard shift < 64, frontWidths.contains(width), width + Int(shift) < 64, (1...mostFronts).contains(count) else {
            throw DamagedBytes("front bits")
        }
        let rest = UInt64(64 - Int(shift) - width)
        for index in 0..<count {
            scratch.integers[index] = Int64(try reader.integer(UInt16.self)) << Int64(rest)
        }
        let codes = scratch.secondStream.first(out.count)
        try IntegerStream.decode(&reader, coder, scratch: scratch, into: codes)
        let low = scratch.stream.first(out.count)
        try IntegerBlocks.decode(&reader, into: low)
        for row in out.indices {
            guard codes[row] < UInt64(count) else { throw DamagedBytes("front bits") }
            let front = UInt64(bitPattern: scratch.integers[Int(codes[row])])
            out[row] = Double(bitPattern: (front | low[row]) << shift)
        }
    }

    private static func decodeXOR(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        let shift = UInt64(try reader.integer(UInt8.self))
        guard shift < 64 else { throw DamagedBytes("shift") }
        var bits = try reader.integer(UInt64.self)
        out[0] = Double(bitPattern: bits)
        let differences = scratch.stream.first(out.count - 1)
        try IntegerBlocks.decode(&reader, into: differences)
        for row in differences.indices {
            bits ^= differences[row] << shift
            out[row + 1] = Double(bitPattern: bits)
        }
    }
}

/// Rows whose value is none that the codec can make: varint count, for each a varint of the rows skipped since the one
/// before, then the values' eight bytes.
private struct Exceptions {
    private let rows: ByteReader
    private let values: UnsafeRawBufferPointer

    init(_ reader: inout ByteReader, _ form: UInt8) throws(DamagedBytes) {
        guard form & ValueColumn.hasExceptions != 0 else {
            rows = ByteReader(UnsafeRawBufferPointer(start: nil, count: 0))
            values = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let count = try reader.count(leastBytes: 9)
        let start = reader.position
        for _ in 0..<count { _ = try reader.varint() }
        rows = try ByteReader(reader.bytes, from: start, to: reader.position)
        values = try reader.slice(8 * count)
    }

    func apply(to out: UnsafeMutableBufferPointer<Double>) throws(DamagedBytes) {
        var rows = rows
        var row = 0
        for index in 0..<(values.count / 8) {
            let skipped = try rows.varint()
            guard skipped < UInt64(out.count - row) else { throw DamagedBytes("exception") }
            row += Int(skipped)
            let bits = values.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
            out[row] = Double(bitPattern: UInt64(littleEndian: bits))
            row += 1
            // One that follows the last row is refused above: nothing is below 0.
        }
    }
}
