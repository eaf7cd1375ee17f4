/// One file of a simulated disk.
struct FileState {
    static let sector = 512

    /// What reads see.
    private(set) var content: [UInt8] = []
    /// By sector, every content that the disk may hold after a power cut, beside the present one: the one at the last
    /// sync, and all since.
    private var earlier: [Int: [[UInt8]]] = [:]
    /// Sectors that a later sync will not write: a failed one marked them clean.
    private var forgotten: Set<Int> = []
    /// The sectors that the power cut caught being written.
    private var inFlight: Set<Int> = []

    mutating func grow(to length: Int) {
        if content.count < length { content += [UInt8](repeating: 0, count: length - content.count) }
    }

    /// Writes; `torn` if the power goes meanwhile.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, torn: Bool) {
        guard !bytes.isEmpty else { return }
        grow(to: offset + bytes.count)
        let sectors = (offset / FileState.sector)...((offset + bytes.count - 1) / FileState.sector)
        for sector in sectors {
            earlier[sector, default: []].append(Array(content[range(sector)]))
            forgotten.remove(sector)
            if torn { inFlight.insert(sector) }
        }
        content.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[offset...]).copyMemory(from: bytes)
        }
    }

    mutating func sync() {
        for sector in Array(earlier.keys) where !forgotten.contains(sector) { earlier.removeValue(forKey: sector) }
    }

    /// A sync that fails: some sectors reached the disk, all count as clean.
    mutating func syncFailing(_ random: inout SplitMix64) {
        for sector in earlier.keys.sorted() where !forgotten.contains(sector) {
            if random.next() & 1 == 0 {
                earlier.removeValue(forKey: sector)
            } else {
                forgotten.insert(sector)
            }
        }
    }

    /// After a power cut: each unsettled sector has one of its contents.
    mutating func settle(_ random: inout SplitMix64) {
        for sector in earlier.keys.sorted() {
            let range = range(sector)
            let present = Array(content[range])
            let choices = (earlier[sector] ?? []) + [present]
            var chosen = choices[random.below(choices.count)]
            if inFlight.contains(sector), random.next() & 3 == 0 {
                // Torn: the first bytes of one, the rest of another.
                let other = choices[random.below(choices.count)]
                let cut = random.below(chosen.count)
                chosen.replaceSubrange(cut..., with: other.dropFirst(cut).prefix(chosen.count - cut))
            }
            content.replaceSubrange(range.lowerBound..<(range.lowerBound + chosen.count), with: chosen)
        }
        earlier = [:]
        forgotten = []
        inFlight = []
    }

    mutating func corrupt(_ change: (inout [UInt8]) -> Void) { change(&content) }

    private func range(_ sector: Int) -> Range<Int> {
        let start = sector * FileState.sector
        return start..<min(start + FileState.sector, content.count)
    }
}
