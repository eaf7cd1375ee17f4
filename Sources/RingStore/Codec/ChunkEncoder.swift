/// Makes chunks.
struct ChunkEncoder {
    private let scratch = ColumnScratch()

    /// Appends the chunk of `times`, strictly ascending, 1 … `Chunk.mostRows` of them, with `columns` value columns that
    /// `column` hands over one by one, each as long as `times`. Its length is a multiple of 8.
    func append(
        key: GroupKey, flags: Chunk.Flags = [], times: UnsafeBufferPointer<Int64>, columns: Int,
        column: (Int) -> UnsafeBufferPointer<Double>, to out: inout ByteWriter
    ) {
        guard let first = times.first, let last = times.last else { return }
        precondition(times.count <= Chunk.mostRows && (1...Chunk.mostColumns).contains(columns))
        let start = out.count
        out.append(UInt32(0))
        out.append(UInt32(0))
        out.append(key.raw)
        out.append(UInt16(times.count))
        out.append(UInt16(columns))
        out.append(Chunk.magic)
        out.append(Chunk.version)
        out.append(flags.rawValue)
        out.append(first)
        out.append(last)
        out.append(UInt32(0))
        let table = out.count
        out.appendZeros(columns * Chunk.columnBytes)
        TimeColumn.append(times, last: last, scratch: scratch, to: &out)
        for index in 0..<columns {
            let offset = out.count - start
            let description = ValueColumn.append(column(index), scratch: scratch, to: &out)
            let entry = table + index * Chunk.columnBytes
            out.set(description.codec.rawValue, at: entry)
            out.set(description.exponent, at: entry + 1)
            out.set(description.predictor.rawValue, at: entry + 2)
            out.set(UInt32(offset), at: entry + 4)
        }
        out.appendZeros(Chunk.slack)
        while (out.count - start) % 8 != 0 { out.append(UInt8(0)) }
        let length = out.count - start
        out.set(UInt32(length), at: start + 4)
        out.set(CRC32C.of(UnsafeRawBufferPointer(rebasing: out.bytes[(start + 4)..<out.count])), at: start)
    }
}
