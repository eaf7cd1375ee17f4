/// The distinct values of a column, for codecs that keep which of them each row has.
///
/// Bytes: a lattice (the finest one, p = q = 1, is plain decimals); varint n; varint x; for n > 0 `signed varint` the first
/// step, `u8` coder, and in that the n − 1 distances − 1 from step to step; x values as their eight bytes. Numbers 0 … n − 1 are the
/// steps, ascending, those from n on the others.
enum ValueTable {
    /// Writes `distinct`, which ascend: those on the lattice first, then the others. `order` is filled with the number that
    /// each of them gets.
    static func append(
        _ distinct: UnsafeBufferPointer<Double>, _ lattice: Lattice, scratch: ColumnScratch,
        order: UnsafeMutableBufferPointer<Int32>, to out: inout ByteWriter
    ) {
        lattice.append(to: &out)
        var steps = 0
        var first: Int64 = 0
        var before: Int64 = 0
        for index in distinct.indices {
            guard let step = lattice.step(distinct[index]), steps == 0 || step > before else {
                order[index] = -1
                continue
            }
            if steps == 0 { first = step } else { scratch.stream[steps - 1] = UInt64(step - before) - 1 }
            before = step
            order[index] = Int32(steps)
            steps += 1
        }
        out.appendVarint(UInt64(steps))
        out.appendVarint(UInt64(distinct.count - steps))
        if steps > 0 {
            out.appendSignedVarint(first)
            let distances = UnsafeBufferPointer(scratch.stream.first(steps - 1))
            IntegerStream.appendSmallest(distances, scratch: scratch, to: &out)
        }
        for index in distinct.indices where order[index] < 0 {
            order[index] = Int32(steps)
            steps += 1
            out.append(distinct[index])
        }
    }

    /// Reads a table into `scratch.table`. Returns how many values it has.
    static func decode(_ reader: inout ByteReader, scratch: ColumnScratch) throws(DamagedBytes) -> Int {
        let lattice = try Lattice(&reader)
        guard let steps = Int(exactly: try reader.varint()), let others = Int(exactly: try reader.varint()),
            steps <= Chunk.mostRows, others <= Chunk.mostRows, steps + others <= Chunk.mostRows
        else { throw DamagedBytes("table") }
        if steps > 0 {
            var step = try reader.signedVarint()
            let distances = scratch.stream.first(steps - 1)
            try IntegerStream.decode(&reader, scratch: scratch, into: distances)
            for index in 0..<steps {
                if index > 0 { step &+= Int64(bitPattern: distances[index - 1]) &+ 1 }
                guard let value = lattice.value(step) else { throw DamagedBytes("table") }
                scratch.table[index] = value
            }
        }
        for index in steps..<(steps + others) { scratch.table[index] = try reader.double() }
        return steps + others
    }
}
