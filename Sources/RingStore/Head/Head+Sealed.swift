import Readings

extension Head {
    /// What is left of this head after `sealed`, an earlier state of it, has become a segment: `rest`, which found no room
    /// there, and what came since.
    ///
    /// - Parameter sealed: of each group it has the first chunks of those here, and the first of the open rows.
    func afterSealing(
        _ sealed: Head, except rest: Head, decoder: ChunkDecoder, encoder: ChunkEncoder, buffer: inout ByteWriter
    ) -> Head {
        var left = Head(after: self)
        rest.forEachChunk { left.append($0) }
        forEachGroup { key, group in
            let before = sealed.group(key) ?? HeadGroup()
            // Rows that stay open had no room: none of their group had.
            let openSealed = before.block == nil || rest.group(key)?.block != nil ? 0 : before.rows
            var chunks = group.chunks.dropFirst(before.chunks.count)
            var dropping = openSealed
            if openSealed > 0, let first = chunks.popFirst() {
                // They have become the begin of a chunk meanwhile.
                dropping = 0
                if let chunk = first.dropping(openSealed, of: sealed, decoder, encoder, &buffer) { left.append(chunk) }
            }
            for chunk in chunks { left.append(chunk) }
            if let block = group.block, group.rows > dropping {
                left.adopt(key, dropping == 0 ? block : block.copy(of: dropping..<group.rows), group.rows - dropping)
            }
        }
        return left
    }
}

extension HeadChunk {
    /// Nil if the bytes are no chunk.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let header = try? Chunk.uncheckedHeader(bytes) else { return nil }
        self.init(
            bytes: [UInt8](bytes), key: header.key, rows: header.rows, columns: header.columns,
            firstTime: header.firstTime, lastTime: header.lastTime)
    }

    /// The chunk without its first rows, which `sealed` has open. What is late has been sorted since, and is known by its
    /// instants. Nil if nothing is left.
    fileprivate func dropping(
        _ first: Int, of sealed: Head, _ decoder: ChunkDecoder, _ encoder: ChunkEncoder,
        _ buffer: inout ByteWriter
    ) -> HeadChunk? {
        let window = RowWindow()
        window.begin(columns: columns)
        window.append(self, decoder)
        func remove(_ time: Int64, _ value: Double? = nil) {
            let row = window.firstIndex(notBefore: time)
            guard row < window.rows, window.times[row] == time else { return }
            if let value, window.columns[0][row].bitPattern != value.bitPattern { return }
            window.remove(row..<(row + 1))
        }
        switch key.kind {
        case .late:
            // One of another value came since.
            for sample in sealed.late[key.number]?.samples ?? [] { remove(sample.time.milliseconds, sample.value) }
        case .lateRows:
            if let block = sealed.group(key)?.block {
                withExtendedLifetime(block) {
                    for time in block.times(first) { remove(time) }
                }
            }
        case .shape, .single: window.remove(0..<min(first, window.rows))
        }
        let kept = 0..<window.rows
        guard !kept.isEmpty else { return nil }
        var hints = ChunkHints()
        buffer.removeAll()
        window.encode(kept, key, encoder, &hints, to: &buffer)
        return HeadChunk(buffer.bytes)
    }
}
