/// Remembers what keys are to us, so that a name is worked out once and not with every message.
///
/// A table of fixed size in which a newcomer takes the place of whoever stood there: nothing to bound or to evict, and
/// a publisher of ever new keys costs the others a second look only.
struct FieldKeyTable: Sendable {
    private struct Entry: Sendable {
        var raw: String
        var key: FieldKey
    }

    private static let size = 1024
    /// Longer keys are worked out each time.
    private static let longestRemembered = 64

    private var entries: [Entry?] = Array(repeating: nil, count: size)

    /// The key whose name, without quotes and escapes, is `raw`.
    mutating func key(_ raw: UnsafeRawBufferPointer) -> FieldKey {
        guard raw.count <= FieldKeyTable.longestRemembered else {
            return FieldKey(String(decoding: raw, as: UTF8.self))
        }
        let slot = FieldKeyTable.slot(raw)
        if let entry = entries[slot], FieldKeyTable.isSame(entry.raw, raw) { return entry.key }
        let text = String(decoding: raw, as: UTF8.self)
        let key = FieldKey(text)
        entries[slot] = Entry(raw: text, key: key)
        return key
    }

    private static func isSame(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        text.utf8.count == bytes.count
            && text.utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) } ?? false
    }

    /// FNV-1a. A publisher who makes keys collide only makes the table useless to themselves.
    private static func slot(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int((hash ^ (hash >> 15)) % UInt32(size))
    }
}
