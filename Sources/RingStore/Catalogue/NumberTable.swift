import Synchronization

/// Finds numbers by what they stand for, without a copy of it: open addressing over 32-bit numbers, linear probing.
///
/// A copy shares the slots. The writer goes on filling them while readers of older copies search: what they find there
/// beyond their own count they pass over. When the slots become few, the newest copy gets larger ones of its own.
struct NumberTable: Sendable {
    /// `@unchecked Sendable`: slots are atomic, and a number is released into its slot after what it stands for was written.
    private final class Slots: @unchecked Sendable {
        let mask: Int
        let base: UnsafeMutablePointer<Atomic<UInt32>>

        init(capacity: Int) {
            mask = capacity - 1
            base = .allocate(capacity: capacity)
            for index in 0..<capacity { (base + index).initialize(to: Atomic(0)) }
        }

        deinit { base.deallocate() }
    }

    private var slots: Slots?
    private(set) var count = 0

    private var capacity: Int { slots.map { $0.mask + 1 } ?? 0 }
    var memoryBytes: Int { capacity * MemoryLayout<UInt32>.stride }
    /// What memory grows by with the next number.
    var growthBytes: Int { isFull ? 2 * memoryBytes + 256 : 0 }
    /// Two thirds: beyond, searches become long.
    private var isFull: Bool { (count + 1) * 3 > capacity * 2 }

    /// The number with this hash that `isMeant`; nil if there is none.
    @inline(__always)
    func find(_ hash: Int, _ isMeant: (UInt32) -> Bool) -> UInt32? {
        guard let slots else { return nil }
        var index = hash & slots.mask
        while true {
            let stored = slots.base[index].load(ordering: .acquiring)
            if stored == 0 { return nil }
            if isMeant(stored - 1) { return stored - 1 }
            index = (index + 1) & slots.mask
        }
    }

    /// Adds a number that is not there yet. `hashOf` tells the hashes of others, should they have to move.
    mutating func insert(_ number: UInt32, hash: Int, hashOf: (UInt32) -> Int) {
        if isFull {
            let larger = Slots(capacity: max(64, capacity * 2))
            if let slots {
                for index in 0...slots.mask {
                    let stored = slots.base[index].load(ordering: .relaxed)
                    if stored != 0 { Self.put(stored, hash: hashOf(stored - 1), into: larger) }
                }
            }
            slots = larger
        }
        guard let slots else { return }
        Self.put(number + 1, hash: hash, into: slots)
        count += 1
    }

    private static func put(_ stored: UInt32, hash: Int, into slots: Slots) {
        var index = hash & slots.mask
        while slots.base[index].load(ordering: .relaxed) != 0 { index = (index + 1) & slots.mask }
        slots.base[index].store(stored, ordering: .releasing)
    }
}
