/// Remembers at which instants groups have rows in chunks, of the head and of segments: around the late rows that were
/// looked for last. One look at a chunk's time column answers for many of them.
struct ClosedInstants: ~Copyable {
    /// All instants of one group from `first` through `last`.
    private struct Stretch: BitwiseCopyable {
        /// Nothing is known where it is beyond `last`.
        var first = Int64.max
        var last = Int64.min
        var key = GroupKey.shape(0)
        var count: Int32 = 0
    }

    /// Chunks lie where they were as long as this stays the same, except that a group gets later rows.
    struct Generation: Equatable {
        var newestSegment: UInt64
        var lateChunks: Int
    }

    private static let stretches = 256
    private static let mostInstants = 128

    private var table: [Stretch] = []
    private var instants: [Int64] = []
    private var generation: Generation?

    var memoryBytes: Int {
        table.capacity * MemoryLayout<Stretch>.stride + instants.capacity * MemoryLayout<Int64>.stride
    }

    /// Forgets what chunks may no longer say.
    mutating func begin(_ generation: Generation) {
        guard generation != self.generation else { return }
        self.generation = generation
        for index in table.indices { table[index] = Stretch() }
    }

    private static func place(_ key: GroupKey) -> Int {
        Int(truncatingIfNeeded: (UInt64(key.raw) &* 0x9E37_79B9_7F4A_7C15) >> 56) % stretches
    }

    /// Whether the group has a row at `time`; nil if that is not known here.
    func contains(_ key: GroupKey, _ time: Int64) -> Bool? {
        guard !table.isEmpty else { return nil }
        let place = ClosedInstants.place(key)
        let stretch = table[place]
        guard stretch.key == key, stretch.first <= time, time <= stretch.last else { return nil }
        return instants.withUnsafeBufferPointer { all in
            let start = place * ClosedInstants.mostInstants
            let known = UnsafeBufferPointer(rebasing: all[start..<(start + Int(stretch.count))])
            let index = known.firstIndex(notBefore: time)
            return index < known.count && known[index] == time
        }
    }

    /// Takes in what is around `time` of `times`, ascending, of a chunk that covers it. Within `range`, which holds `time`,
    /// no other chunk has rows of the group. What lies beyond this chunk is left out: its next rows may come there.
    mutating func note(
        _ key: GroupKey, around time: Int64, _ times: UnsafeBufferPointer<Int64>, within range: ClosedRange<Int64>
    ) {
        if table.isEmpty {
            table = Array(repeating: Stretch(), count: ClosedInstants.stretches)
            instants = Array(repeating: 0, count: ClosedInstants.stretches * ClosedInstants.mostInstants)
        }
        let middle = times.firstIndex(notBefore: time)
        var begin = max(0, middle - ClosedInstants.mostInstants / 2)
        let end = min(times.count, begin + ClosedInstants.mostInstants)
        begin = max(0, end - ClosedInstants.mostInstants)
        let place = ClosedInstants.place(key)
        for index in begin..<end { instants[place * ClosedInstants.mostInstants + index - begin] = times[index] }
        guard begin < end else { return }
        table[place] = Stretch(
            first: max(range.lowerBound, times[begin]), last: min(range.upperBound, times[end - 1]), key: key,
            count: Int32(end - begin))
    }
}
