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

/// The chunks that were read last, within a share of the memory budget. Thread-safe; the lock is held for a look into a
/// table.
///
/// The series of a group lie in the same chunks and are mostly asked for one after the other: so a chunk is read, checked and
/// its time column decoded once for all of them.
final class ChunkCache: Sendable {
    struct Key: Hashable {
        let segment: UInt64
        /// Of the segment's index: a sequence is given again if a segment could not be finished.
        let indexCRC: UInt32
        let offset: UInt32
    }

    private struct Place {
        var key: Key
        var chunk: KnownChunk?
        var bytes = 0
        /// The places that were used next before and next after this one.
        var older = 0
        var newer = 0
    }

    /// Places in the order of their last use: a list in a circle, in which place 0 stands between the newest and the oldest.
    private struct Places {
        var numbers: [Key: Int] = [:]
        var places = [Place(key: Key(segment: 0, indexCRC: 0, offset: 0))]
        var free: [Int] = []
        var used = 0

        mutating func find(_ key: Key) -> KnownChunk? {
            guard let number = numbers[key] else { return nil }
            unlink(number)
            link(number)
            return places[number].chunk
        }

        mutating func add(_ key: Key, _ chunk: KnownChunk, bytes: Int) {
            let place = Place(key: key, chunk: chunk, bytes: bytes)
            let number = free.popLast() ?? places.count
            if number == places.count { places.append(place) } else { places[number] = place }
            link(number)
            numbers[key] = number
            used += bytes
        }

        /// Hands the chunk out, so that it can be freed when the lock is free again.
        mutating func remove(_ number: Int) -> KnownChunk? {
            unlink(number)
            numbers[places[number].key] = nil
            used -= places[number].bytes
            free.append(number)
            return places[number].chunk.take()
        }

        var oldest: Int { places[0].newer }

        private mutating func unlink(_ number: Int) {
            places[places[number].older].newer = places[number].newer
            places[places[number].newer].older = places[number].older
        }

        private mutating func link(_ number: Int) {
            let newest = places[0].older
            places[number].older = newest
            places[number].newer = 0
            places[newest].newer = number
            places[0].older = number
        }
    }

    private let budget: Int
    private let places = Mutex(Places())

    init(budget: Int) { self.budget = budget }

    var memoryBytes: Int { places.withLock { $0.used } }

    func find(_ key: Key) -> KnownChunk? { places.withLock { $0.find(key) } }

    /// Keeps `chunk`, instead of what is known of it; what was used longest ago gives way.
    func keep(_ chunk: KnownChunk, as key: Key) {
        let bytes = chunk.memoryBytes
        // A single one shall not push out everything else.
        guard bytes <= budget / 4 else { return }
        let gone = places.withLock { places in
            var gone: [KnownChunk?] = []
            if let known = places.numbers[key] { gone.append(places.remove(known)) }
            while places.used + bytes > budget, places.oldest != 0 { gone.append(places.remove(places.oldest)) }
            places.add(key, chunk, bytes: bytes)
            return gone
        }
        _ = consume gone
    }

    /// Drops what is kept of a segment.
    func forget(_ segment: UInt64) {
        let gone = places.withLock { places in
            places.numbers.filter { $0.key.segment == segment }.values.map { places.remove($0) }
        }
        _ = consume gone
    }
}
