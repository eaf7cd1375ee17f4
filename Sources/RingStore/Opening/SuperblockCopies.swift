/// What the slots of the file `super` hold.
struct SuperblockCopies {
    /// The copy of the highest generation; nil if none is whole.
    private(set) var best: Superblock?
    /// Whether there are whole copies of another generation: the power went while all of them were written.
    private(set) var areMixed = false
    /// The version of a copy that another version of the store has written.
    private(set) var foreignVersion: UInt16?
    /// Slots that were whole once.
    private(set) var damaged: [Int] = []
    /// Slots that a power cut kept from being written, in whole or in part.
    private(set) var unfinished: [Int] = []

    init(_ file: any StorageFile) {
        var whole: [Superblock] = []
        var others: [(slot: Int, bytes: [UInt8])] = []
        for slot in 0..<Superblock.slots {
            let bytes = (try? file.bytes(Superblock.slotBytes, at: UInt64(slot * Superblock.slotBytes))) ?? []
            switch Superblock.slot(bytes) {
            case .whole(let found): whole.append(found)
            case .newer(let version), .older(let version): foreignVersion = version
            case .blank, .damaged: others.append((slot, bytes))
            }
        }
        best = whole.max { $0.generation < $1.generation }
        areMixed = Set(whole).count > 1
        for (slot, bytes) in others {
            if SuperblockCopies.isUnfinished(bytes, of: whole) {
                unfinished.append(slot)
            } else {
                damaged.append(slot)
            }
        }
    }

    /// Whether each sector begins as one copy does, or with zeros, and goes on as another, or with zeros: what a torn write
    /// leaves.
    private static func isUnfinished(_ bytes: [UInt8], of copies: [Superblock]) -> Bool {
        guard bytes.count == Superblock.slotBytes else { return false }
        let images = copies.map(\.image) + [[UInt8](repeating: 0, count: Superblock.slotBytes)]
        return stride(from: 0, to: bytes.count, by: Superblock.sectorBytes).allSatisfy { start in
            let end = start + Superblock.sectorBytes
            return images.contains { image in
                let torn = (start..<end).first { bytes[$0] != image[$0] } ?? end
                return images.contains { $0[torn..<end] == bytes[torn..<end] }
            }
        }
    }
}
