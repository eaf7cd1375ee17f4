/// Numbers by group, for one frame: open addressing, emptied in one go.
struct KeyTable {
    /// Key and number + 1; 0 if empty.
    private var slots: [(key: UInt32, number: UInt32)] = Array(repeating: (0, 0), count: 256)
    private var count = 0

    var memoryBytes: Int { slots.count * 8 }

    @inline(__always)
    private static func hash(_ key: UInt32) -> Int {
        // Fibonacci hashing (Knuth, volume 3, 6.4): neighbouring keys fall far apart.
        Int((UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    mutating func removeAll() {
        guard count > 0 else { return }
        count = 0
        for index in slots.indices { slots[index].number = 0 }
    }

    @inline(__always)
    func find(_ key: UInt32) -> Int? {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var index = KeyTable.hash(key) & mask
            while slots[index].number != 0 {
                if slots[index].key == key { return Int(slots[index].number) - 1 }
                index = (index + 1) & mask
            }
            return nil
        }
    }

    mutating func insert(_ key: UInt32, _ number: Int) {
        count += 1
        if count * 2 > slots.count {
            let old = slots
            slots = Array(repeating: (0, 0), count: old.count * 2)
            for slot in old where slot.number != 0 { put(slot) }
        }
        put((key, UInt32(number + 1)))
    }

    private mutating func put(_ slot: (key: UInt32, number: UInt32)) {
        let mask = slots.count - 1
        var index = KeyTable.hash(slot.key) & mask
        while slots[index].number != 0 { index = (index + 1) & mask }
        slots[index] = slot
    }
}
