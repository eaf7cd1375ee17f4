/// Makes chunks. Holds working memory: one a thread.
struct ChunkEncoder {
    /// What may be spent on each chunk.
    let effort: Effort
    private let memory: Memory

    private final class Memory {
        let times: TimeEncoder
        let values: ValueEncoder
        var head = ByteWriter()
        var body = ByteWriter(capacity: 64 << 10)

        /// Of each column so far, a few values by which another with the same values is suspected.
        var samples: [SIMD4<UInt64>] = []

        init() {
            let scratch = ColumnScratch()
            times = TimeEncoder(scratch: scratch)
            values = ValueEncoder(scratch: scratch)
        }

        /// The first earlier column with the very same values, if there is one: some devices send a value under two names.
        func twin(
            of values: UnsafeBufferPointer<Double>, column: (Int) -> UnsafeBufferPointer<Double>
        ) -> Int? {
            let count = values.count
            let sample = SIMD4(
                values[0].bitPattern, values[count / 3].bitPattern, values[count * 2 / 3].bitPattern,
                values[count - 1].bitPattern)
            defer { samples.append(sample) }
            guard let suspect = samples.firstIndex(of: sample) else { return nil }
            let other = column(suspect)
            for row in 0..<count where values[row].bitPattern != other[row].bitPattern { return nil }
            return suspect
        }
    }

    init(effort: Effort = .fast) {
        self.effort = effort
        memory = Memory()
    }

    /// Appends the chunk of `times`, strictly ascending, 1 … `Chunk.mostRows` of them, with `columns` value columns that
    /// `column` hands over one by one, each as long as `times`. Its length is a multiple of 8.
    func append(
        key: GroupKey, flags: Chunk.Flags = [], times: UnsafeBufferPointer<Int64>, columns: Int,
        column: (Int) -> UnsafeBufferPointer<Double>, to out: inout ByteWriter
    ) {
        var hints = ChunkHints()
        append(key: key, flags: flags, times: times, columns: columns, hints: &hints, column: column, to: &out)
    }

    /// The same, beginning with what was best for the group's last chunk; `hints` says then what was best for this one.
    func append(
        key: GroupKey, flags: Chunk.Flags = [], times: UnsafeBufferPointer<Int64>, columns: Int,
        hints: inout ChunkHints, column: (Int) -> UnsafeBufferPointer<Double>, to out: inout ByteWriter
    ) {
        guard let first = times.first, let last = times.last else { return }
        precondition(times.count <= Chunk.mostRows && (1...Chunk.mostColumns).contains(columns))
        if hints.columns.count != columns { hints.columns = Array(repeating: nil, count: columns) }
        let span = UInt64(bitPattern: last &- first)
        let pace = Pace(span: span, rows: times.count)

        memory.head.removeAll()
        memory.body.removeAll()
        memory.times.append(times, effort, pace: pace, hint: &hints.time, to: &memory.body)
        memory.head.appendVarint(UInt64(memory.body.count))
        memory.samples.removeAll(keepingCapacity: true)
        for index in 0..<columns {
            let values = column(index)
            let twin = memory.twin(of: values) { column($0) }
            memory.values.append(
                values, effort, pace: pace, twin: twin, hint: &hints.columns[index], head: &memory.head,
                to: &memory.body)
        }
        assemble(key, flags, rows: times.count, columns: columns, first: first, span: span, to: &out)
    }

    private func assemble(
        _ key: GroupKey, _ flags: Chunk.Flags, rows: Int, columns: Int, first: Int64, span: UInt64,
        to out: inout ByteWriter
    ) {
        let start = out.count
        out.append(UInt32(0))
        out.append(UInt32(0))
        out.append(Chunk.magic)
        out.append(Chunk.version)
        out.append(flags.rawValue)
        out.append(UInt8(columns))
        out.append(UInt16(0))
        out.append(UInt16(0))
        out.append(UInt8(0))
        out.appendVarint(UInt64(key.raw))
        out.appendVarint(UInt64(rows))
        out.appendSignedVarint(first)
        out.appendVarint(span)
        out.append(memory.head.bytes)
        let headBytes = out.count - start
        out.append(memory.body.bytes)
        while (out.count - start) % 8 != 0 || out.count - start < Chunk.leastBytes { out.append(UInt8(0)) }
        let eighths = (out.count - start) / 8
        out.set(UInt16(truncatingIfNeeded: eighths), at: start + 14)
        out.set(UInt8(truncatingIfNeeded: eighths >> 16), at: start + 16)
        out.set(UInt16(headBytes), at: start + 12)
        out.set(CRC32C.of(UnsafeRawBufferPointer(rebasing: out.bytes[(start + headBytes)...])), at: start + 4)
        out.set(
            CRC32C.of(UnsafeRawBufferPointer(rebasing: out.bytes[(start + 4)..<(start + headBytes)])), at: start)
    }
}
