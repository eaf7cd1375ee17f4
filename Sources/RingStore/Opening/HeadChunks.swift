/// The payload of a log frame of head chunks.
enum HeadChunks {
    /// Hands out the chunks that are whole, wherever they begin.
    static func forEach(in payload: [UInt8], _ body: (UnsafeRawBufferPointer, Chunk.Header) -> Void) {
        payload.withUnsafeBytes { bytes in
            var position = 0
            while position + Chunk.leastBytes <= bytes.count {
                let chunk = UnsafeRawBufferPointer(rebasing: bytes[position...])
                guard let header = try? Chunk.header(chunk) else {
                    position += 8
                    continue
                }
                position += header.length
                body(chunk, header)
            }
        }
    }
}

/// What the whole frames of a checkpoint hold of each group. It tells a chunk that a damaged frame lacks from one that a disk has
/// written to the wrong place: that is one of an earlier checkpoint, and holds what is there already.
struct WholeHeadChunks {
    /// Of groups whose rows came in order, the first instant behind the damaged frame.
    private var firstTimes: [GroupKey: Int64] = [:]
    /// The instants of rows that came late.
    private var lateRows: [GroupKey: Set<Int64>] = [:]

    /// - Parameter damaged: the frame beside which these stand.
    init(_ frames: [LogScan.Found], besides damaged: LogScan.Found, of log: any StorageFile, _ decoder: ChunkDecoder) {
        for found in frames {
            let isBehind = found.header.sequence > damaged.header.sequence
            guard let payload = LogScan.payload(log, found.header, at: found.offset) else { continue }
            HeadChunks.forEach(in: payload) { chunk, header in
                switch header.key.kind {
                case .shape where isBehind, .single where isBehind:
                    firstTimes[header.key] = min(firstTimes[header.key] ?? .max, header.firstTime)
                case .lateRows:
                    if let times = try? decoder.times(chunk, header) {
                        lateRows[header.key, default: []].formUnion(times)
                    }
                // The one that came last counts, however often it is there.
                case .late, .shape, .single: break
                }
            }
        }
    }

    /// Whether a damaged frame's chunk can stand beside these.
    func allow(_ chunk: UnsafeRawBufferPointer, _ header: Chunk.Header, _ decoder: ChunkDecoder) -> Bool {
        if let first = firstTimes[header.key] { return header.lastTime < first }
        guard let known = lateRows[header.key], let times = try? decoder.times(chunk, header) else { return true }
        return !times.contains { known.contains($0) }
    }
}
