/// What has been found out of topics, by their bytes. Bounded by its owner.
struct TopicTable<Known: Sendable>: Sendable {
    private struct Entry: Sendable {
        let hash: UInt64
        let topic: String
        var known: Known
    }

    private var entries: [Entry] = []
    /// 1 + an index into `entries`, open addressing; 0 is free.
    private var slots: [UInt32] = Array(repeating: 0, count: 64)
    private let hash = ByteHash()

    var count: Int { entries.count }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = 0 }
    }

    subscript(_ index: Int) -> Known {
        get { entries[index].known }
        set { entries[index].known = newValue }
    }

    /// The topic's index; nil if nothing is known of it.
    func index(of topic: String) -> Int? {
        let hash = hash(of: topic)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if entries[index].hash == hash, entries[index].topic == topic { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// - Parameter topic: one that is not known.
    /// - Returns: its index.
    mutating func add(_ topic: String, _ known: Known) -> Int {
        entries.append(Entry(hash: hash(of: topic), topic: topic, known: known))
        if slots.count < 2 * entries.count {
            slots = Array(repeating: 0, count: 2 * slots.count)
            for index in entries.indices { place(index) }
        } else {
            place(entries.count - 1)
        }
        return entries.count - 1
    }

    private mutating func place(_ index: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: entries[index].hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(index + 1)
    }

    @inline(__always)
    private func hash(of topic: String) -> UInt64 {
        if let hash = topic.utf8.withContiguousStorageIfAvailable({ hash(UnsafeRawBufferPointer($0)) }) { return hash }
        var topic = topic
        return topic.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
    }
}
