/// Where the chunks of a segment are: sorted by group, within a group in the order in which they were made.
final class SegmentIndex: Sendable {
    struct Entry: Sendable {
        var key: GroupKey
        /// From the segment's begin.
        var offset: UInt32
        var length: UInt32
        var rows: UInt16
        var firstTime: Int64
        var lastTime: Int64
    }

    static let entryBytes = 32

    let entries: [Entry]

    init(_ entries: [Entry]) {
        self.entries = entries.sorted { ($0.key, $0.offset) < ($1.key, $1.offset) }
    }

    var memoryBytes: Int { 64 + entries.count * MemoryLayout<Entry>.stride }

    /// The chunks of `key`.
    func entries(of key: GroupKey) -> ArraySlice<Entry> {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < entries.count, entries[end].key == key { end += 1 }
        return entries[low..<end]
    }

    func append(to out: inout ByteWriter) {
        for entry in entries {
            out.append(entry.key.raw)
            out.append(entry.offset)
            out.append(entry.length)
            out.append(entry.rows)
            out.append(UInt16(0))
            out.append(entry.firstTime)
            out.append(entry.lastTime)
        }
    }

    /// Nil if an entry points to where no chunk can be.
    convenience init?(_ bytes: UnsafeRawBufferPointer, chunkEnd: UInt32) {
        var reader = ByteReader(bytes)
        var entries: [Entry] = []
        entries.reserveCapacity(bytes.count / SegmentIndex.entryBytes)
        while reader.remaining >= SegmentIndex.entryBytes {
            guard let key = try? reader.integer(UInt32.self), let offset = try? reader.integer(UInt32.self),
                let length = try? reader.integer(UInt32.self), let rows = try? reader.integer(UInt16.self),
                (try? reader.integer(UInt16.self)) != nil, let first = try? reader.integer(Int64.self),
                let last = try? reader.integer(Int64.self),
                length <= Chunk.mostBytes, UInt64(offset) + UInt64(length) <= UInt64(chunkEnd)
            else { return nil }
            entries.append(
                Entry(
                    key: GroupKey(raw: key), offset: offset, length: length, rows: rows, firstTime: first,
                    lastTime: last))
        }
        self.init(entries)
    }
}
