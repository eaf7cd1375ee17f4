import Synchronization

/// Decoders that wait for the next question: their working memory is larger than what many a question reads, and memory
/// that is new costs a page fault for each page. Thread-safe.
final class SpareDecoders: Sendable {
    /// `@unchecked Sendable`: whoever takes a decoder out of the list is the only one that has it.
    private struct Spare: @unchecked Sendable {
        let decoder: ChunkDecoder
    }

    private static let most = 1
    static let mostBytes = most * ChunkDecoder.memoryBytes

    private let spares = Mutex<[Spare]>([])

    var memoryBytes: Int { spares.withLock { $0.count } * ChunkDecoder.memoryBytes }

    /// Lends a decoder to `body`, which must not let it out.
    func lend<R, E: Error>(_ body: (ChunkDecoder) throws(E) -> R) throws(E) -> R {
        let decoder = spares.withLock { $0.popLast() }?.decoder ?? ChunkDecoder()
        defer {
            let back = Spare(decoder: decoder)
            spares.withLock { if $0.count < SpareDecoders.most { $0.append(back) } }
        }
        return try body(decoder)
    }
}
