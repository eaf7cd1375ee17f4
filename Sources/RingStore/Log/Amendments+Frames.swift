import Readings

/// The payload of a log frame of amendments.
extension Amendments {
    /// Hands out the items of which frames of the log are made: of one series, the closed ones together, each of the others by
    /// itself.
    func forEachItem<E: Error>(_ tools: TierTools, _ body: (Int64, HeadChunk) throws(E) -> Void) throws(E) {
        for number in series {
            let all = find(number, in: .min ... .max, decoder: tools.decoder)
            var closed = all.filter { $0.through == .max }.map(\.record)[...]
            while !closed.isEmpty {
                if let chunk = tools.chunk(closed.prefix(Amendments.mostOfItem), of: number) { try body(.max, chunk) }
                closed = closed.dropFirst(Amendments.mostOfItem)
            }
            for amendment in all where amendment.through < .max {
                if let chunk = tools.chunk([amendment.record], of: number) { try body(amendment.through, chunk) }
            }
        }
    }

    /// So many records find room in a frame, whatever their numbers are.
    private static let mostOfItem = 256

    /// Hands out the items of a frame's payload, each with the tier that it is for. Returns what is wrong with the payload, where it
    /// ends in something else: what was before is handed out.
    static func read(
        _ payload: [UInt8], _ decoder: ChunkDecoder, _ body: (SegmentEntry.Content, UInt32, Amendment) -> Void
    ) -> DamagedBytes? {
        payload.withUnsafeBytes { payload in
            var reader = ByteReader(payload)
            do throws(DamagedBytes) {
                while reader.remaining > 0 {
                    let tag = try reader.integer(UInt64.self)
                    let through = try reader.integer(Int64.self)
                    guard let content = UInt8(exactly: tag).flatMap(SegmentEntry.Content.init(rawValue:)),
                        content.width != nil
                    else { throw DamagedBytes("tier") }
                    let chunk = UnsafeRawBufferPointer(rebasing: payload[(payload.count - reader.remaining)...])
                    let header = try Chunk.header(chunk)
                    _ = try reader.slice(header.length)
                    guard header.key.number < GroupKey.mostNumbers else { throw DamagedBytes("number") }
                    var records: [Aggregate] = []
                    try TierChunk.decode(chunk, header, in: .min ... .max, decoder: decoder, to: &records)
                    for record in records {
                        body(content, header.key.number, Amendment(record: record, through: through))
                    }
                }
            } catch {
                return error
            }
            return nil
        }
    }

    /// Appends an item, as `read` takes it.
    static func append(
        _ content: SegmentEntry.Content, through: Int64, _ chunk: HeadChunk, to out: inout ByteWriter
    ) {
        out.append(UInt64(content.rawValue))
        out.append(through)
        out.append(chunk.bytes)
    }
}
