extension LogScan.Chain {
    /// Whether each frame lies behind the one before it, going round once at most. If not, a disk has written blocks to the
    /// wrong places.
    var isInOrder: Bool {
        guard let first = frames.first, let last = frames.last else { return true }
        var turns = 0
        for (before, after) in zip(frames, frames.dropFirst()) where after.offset < before.offset { turns += 1 }
        return turns == 0 || turns == 1 && last.offset + last.header.bytes <= first.offset
    }

    /// The longest piece of a log of `capacity` bytes in which nothing lies that counts, as positions that go on beyond the
    /// file's end: its own end is one lap behind the frame that follows.
    ///
    /// Mostly it is what lies behind the last frame. Of frames in the wrong places no order tells where that is.
    func free(in capacity: UInt64) -> Range<UInt64> {
        // Something of a damaged frame may be whole.
        let taken = (frames + damaged).map { $0.offset..<($0.offset + $0.header.bytes) }
            .sorted { $0.lowerBound < $1.lowerBound }
        guard let first = taken.first else { return 0..<capacity }
        var longest = capacity..<capacity
        var end = first.upperBound
        for next in taken.dropFirst() {
            if next.lowerBound > end, next.lowerBound - end > longest.count {
                longest = (capacity + end)..<(capacity + next.lowerBound)
            }
            end = max(end, next.upperBound)
        }
        // Round the file's end.
        let rest = end..<(capacity + first.lowerBound)
        return rest.count >= longest.count ? rest : longest
    }
}
