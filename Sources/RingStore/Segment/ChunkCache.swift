import Readings
import Synchronization

/// What was read of a chunk and passed its check.
struct KnownChunk: Sendable {
    let head: ChunkHead
    /// All of it, if more than the head was asked for.
    var bytes: [UInt8]?
    /// Its time column, which all series of its group share.
    var times: [Int64]?

    /// With what the objects and the cache's own tables take.
    var memoryBytes: Int {
        192 + head.memoryBytes + (bytes?.count ?? 0) + 8 * (times?.count ?? 0)
    }
}

/// What was found out about chunks last, within a share of the memory budget. Thread-safe; the lock is held for a look into
/// a table.
///
/// The series of a group lie in the same chunks and are mostly asked for one after the other: so a chunk is read, checked and
/// its time column decoded once for all of them. And chunks of the head, which no tier knows yet, are asked for the same buckets
/// again and again: where there is little room these are kept from the second time on, so that who asks for all series pushes nothing out.
final class ChunkCache: Sendable {
    struct Key: Hashable {
        let segment: UInt64
        /// Of the segment's index: a sequence is given again if a segment could not be finished.
        let indexCRC: UInt32
        let offset: UInt32
    }

    private enum Subject: Hashable {
        case chunk(Key)
        case folded(FoldedRun.Key)
    }

    private enum Kept {
        case chunk(KnownChunk)
        case folded(FoldedRun)
    }

    /// What was asked for and not found last, by its hash.
    private struct Misses {
        private var hashes = [UInt32](repeating: 0, count: count)
        static let count = 8192

        /// Whether it was asked for before.
        mutating func note(_ key: FoldedRun.Key) -> Bool {
            let hash = key.hashValue
            let slot = hash & (Misses.count - 1)
            let mark = UInt32(truncatingIfNeeded: hash >> 32)
            defer { hashes[slot] = mark }
            return hashes[slot] == mark
        }
    }

    private struct State {
        var kept: RecentlyUsed<Subject, Kept>
        var misses = Misses()
    }

    /// What one takes that keeps nothing.
    static let fixedBytes = 4 * Misses.count

    private let budget: Int
    private let state: Mutex<State>

    init(budget: Int) {
        self.budget = budget
        state = Mutex(State(kept: RecentlyUsed(budget: budget)))
    }

    /// Of what is kept.
    var memoryBytes: Int { state.withLock { $0.kept.used } }

    func find(_ key: Key) -> KnownChunk? {
        guard case .chunk(let chunk) = state.withLock({ $0.kept.find(.chunk(key)) }) else { return nil }
        return chunk
    }

    /// If it is not there: whether it should be kept, because it was asked for before, or because there is room.
    func find(_ key: FoldedRun.Key) -> (folded: FoldedRun?, isWanted: Bool) {
        state.withLock { state in
            if case .folded(let folded) = state.kept.find(.folded(key)) { return (folded, true) }
            let isKnown = state.misses.note(key)
            return (nil, isKnown || state.kept.used < budget / 2)
        }
    }

    /// Keeps `chunk`, instead of what is known of it.
    func keep(_ chunk: KnownChunk, as key: Key) { keep(.chunk(chunk), .chunk(key), bytes: chunk.memoryBytes) }

    func keep(_ folded: FoldedRun, as key: FoldedRun.Key) {
        keep(.folded(folded), .folded(key), bytes: folded.memoryBytes)
    }

    private func keep(_ new: Kept, _ subject: Subject, bytes: Int) {
        // A single one shall not push out everything else.
        guard bytes <= budget / 4 else { return }
        let gone = state.withLock { $0.kept.keep(new, as: subject, bytes: bytes) }
        _ = consume gone
    }

    /// Drops what is kept of a segment.
    func forget(_ segment: UInt64) {
        let gone = state.withLock { state in
            state.kept.remove { subject in
                if case .chunk(let key) = subject { key.segment == segment } else { false }
            }
        }
        _ = consume gone
    }
}
