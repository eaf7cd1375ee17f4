/// A value column of a chunk: Doubles, kept bit for bit. The encoder takes the smallest of four codecs.
enum ValueColumn {
    enum Codec: UInt8 {
        /// `u64 bits`: all rows have them.
        case constant = 0
        /// Whole numbers times 10^−exponent, as the predictor leaves them; rows that are none are exceptions.
        case decimal = 1
        /// `u64 first`, then blocks of each value's bits XOR those of the value before.
        case xor = 2
        /// `u64` a row.
        case raw = 3
    }

    /// What is taken away from the whole numbers before they are packed.
    enum Predictor: UInt8 {
        /// The smallest of them.
        case least = 0
        /// The one before.
        case last = 1
        /// The one before, and the step before that: for counters.
        case slope = 2
    }

    /// What stands in the chunk's column table beside the offset.
    struct Description {
        var codec: Codec
        var exponent: UInt8 = 0
        var predictor: Predictor = .least
    }

    static func append(
        _ values: UnsafeBufferPointer<Double>, scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Description {
        guard let first = values.first else { return Description(codec: .raw) }
        if values.allSatisfy({ $0.bitPattern == first.bitPattern }) {
            out.append(first)
            return Description(codec: .constant)
        }
        let start = out.count
        let decimal = appendDecimal(values, scratch: scratch, to: &out)
        let decimalBytes = out.count - start
        // Two bytes a value are better than XOR can do on anything that changes.
        if let decimal, decimalBytes <= 2 * values.count { return decimal }

        for index in 1..<values.count {
            scratch.first[index - 1] = values[index].bitPattern ^ values[index - 1].bitPattern
        }
        let differences = UnsafeBufferPointer(rebasing: scratch.first[..<(values.count - 1)])
        let xorBytes = 8 + IntegerBlocks.size(of: differences)
        let rawBytes = 8 * values.count
        if let decimal, decimalBytes <= min(xorBytes, rawBytes) { return decimal }
        out.truncate(to: start)
        if xorBytes < rawBytes {
            out.append(first)
            IntegerBlocks.append(differences, to: &out)
            return Description(codec: .xor)
        }
        for value in values { out.append(value) }
        return Description(codec: .raw)
    }

    /// Nil, with nothing written, if more than an eighth of the values are no decimals.
    private static func appendDecimal(
        _ values: UnsafeBufferPointer<Double>, scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Description? {
        let mostExceptions = values.count / 8
        var exponent = 0
        var power = DecimalScale.power(0)
        var exceptions = 0
        for value in values where DecimalScale.integer(value, times: power) == nil {
            if let larger = DecimalScale.exponent(of: value, from: exponent) {
                exponent = larger
                power = DecimalScale.power(larger)
            } else {
                exceptions += 1
                if exceptions > mostExceptions { return nil }
            }
        }
        // Again with the exponent that all agreed on: a large number may have become too large for it.
        let integers = UnsafeMutableBufferPointer(rebasing: scratch.integers[..<values.count])
        exceptions = 0
        var before: Int64 = 0
        let start = out.count
        for index in values.indices {
            if let integer = DecimalScale.integer(values[index], times: power) {
                before = integer
            } else {
                exceptions += 1
            }
            integers[index] = before
        }
        guard exceptions <= mostExceptions else { return nil }
        out.appendVarint(UInt64(exceptions))
        if exceptions > 0 {
            for index in values.indices where DecimalScale.integer(values[index], times: power) == nil {
                out.append(UInt16(index))
                out.append(values[index])
            }
        }
        guard let predictor = appendPredicted(UnsafeBufferPointer(integers), scratch: scratch, to: &out) else {
            out.truncate(to: start)
            return nil
        }
        return Description(codec: .decimal, exponent: UInt8(exponent), predictor: predictor)
    }

    private static func appendPredicted(
        _ integers: UnsafeBufferPointer<Int64>, scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Predictor? {
        guard let least = integers.min(), integers.count >= 2 else { return nil }
        let count = integers.count
        for index in 1..<count { scratch.first[index - 1] = (integers[index] &- integers[index - 1]).zigzag }
        let byLast = UnsafeBufferPointer(rebasing: scratch.first[..<(count - 1)])
        var best = Predictor.last
        var bytes = IntegerBlocks.size(of: byLast)
        for index in 0..<count { scratch.second[index] = UInt64(bitPattern: integers[index] &- least) }
        let byLeast = UnsafeBufferPointer(rebasing: scratch.second[..<count])
        let leastBytes = IntegerBlocks.size(of: byLeast)
        if leastBytes < bytes {
            best = .least
            bytes = leastBytes
        }
        if best == .least {
            out.appendSignedVarint(least)
            IntegerBlocks.append(byLeast, to: &out)
            return best
        }
        if count > 2 {
            var step = integers[1] &- integers[0]
            for index in 2..<count {
                let next = integers[index] &- integers[index - 1]
                scratch.second[index - 2] = (next &- step).zigzag
                step = next
            }
            let bySlope = UnsafeBufferPointer(rebasing: scratch.second[..<(count - 2)])
            if IntegerBlocks.size(of: bySlope) < bytes {
                out.appendSignedVarint(integers[0])
                out.appendSignedVarint(integers[1] &- integers[0])
                IntegerBlocks.append(bySlope, to: &out)
                return .slope
            }
        }
        out.appendSignedVarint(integers[0])
        IntegerBlocks.append(byLast, to: &out)
        return best
    }

    /// Reads as many values as `out` has room for.
    static func decode(
        _ reader: inout ByteReader, _ description: Description, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        guard !out.isEmpty, out.count <= Chunk.mostRows else { throw DamagedBytes("rows") }
        switch description.codec {
        case .constant:
            out.update(repeating: try reader.double())
        case .raw:
            for index in out.indices { out[index] = try reader.double() }
        case .xor:
            var bits = try reader.integer(UInt64.self)
            out[0] = Double(bitPattern: bits)
            let differences = UnsafeMutableBufferPointer(rebasing: scratch.first[..<(out.count - 1)])
            try IntegerBlocks.decode(&reader, into: differences)
            for index in differences.indices {
                bits ^= differences[index]
                out[index + 1] = Double(bitPattern: bits)
            }
        case .decimal:
            try decodeDecimal(&reader, description, scratch: scratch, into: out)
        }
    }

    private static func decodeDecimal(
        _ reader: inout ByteReader, _ description: Description, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Double>
    ) throws(DamagedBytes) {
        guard description.exponent <= DecimalScale.largestExponent else { throw DamagedBytes("exponent") }
        let power = DecimalScale.power(Int(description.exponent))
        let exceptions = try reader.count(leastBytes: 10)
        var exceptionBytes = try ByteReader(
            reader.bytes, from: reader.position, to: reader.position + exceptions * 10)
        _ = try reader.slice(exceptions * 10)
        let count = out.count
        var integer = try reader.signedVarint()
        switch description.predictor {
        case .least:
            let above = UnsafeMutableBufferPointer(rebasing: scratch.first[..<count])
            try IntegerBlocks.decode(&reader, into: above)
            for index in 0..<count { out[index] = Double(integer &+ Int64(bitPattern: above[index])) / power }
        case .last:
            let steps = UnsafeMutableBufferPointer(rebasing: scratch.first[..<(count - 1)])
            try IntegerBlocks.decode(&reader, into: steps)
            out[0] = Double(integer) / power
            for index in 0..<(count - 1) {
                integer &+= Int64(zigzag: steps[index])
                out[index + 1] = Double(integer) / power
            }
        case .slope:
            guard count >= 2 else { throw DamagedBytes("rows") }
            var step = try reader.signedVarint()
            let changes = UnsafeMutableBufferPointer(rebasing: scratch.first[..<(count - 2)])
            try IntegerBlocks.decode(&reader, into: changes)
            out[0] = Double(integer) / power
            integer &+= step
            out[1] = Double(integer) / power
            for index in 0..<(count - 2) {
                step &+= Int64(zigzag: changes[index])
                integer &+= step
                out[index + 2] = Double(integer) / power
            }
        }
        for _ in 0..<exceptions {
            let position = Int(try exceptionBytes.integer(UInt16.self))
            guard position < count else { throw DamagedBytes("exception") }
            out[position] = try exceptionBytes.double()
        }
    }
}
