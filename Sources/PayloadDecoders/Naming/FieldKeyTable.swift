/// Gives keys numbers and remembers what they are to us, so that a name is worked out once and not with every message.
///
/// Bounded by `DecoderLimits.rememberedKeys`: when it is full, keys that are new are `unknown`, until the registry empties it
/// between two messages.
struct FieldKeyTable: Sendable {
    /// Stands before the first key of a text.
    static let start = 0
    /// The number of a key that the table has no room for.
    static let unknown = Int(UInt32.max)

    private struct Entry: Sendable {
        /// Where the key stands in `text`, with a closing quote behind it.
        var start: UInt32
        var length: UInt32
        var hash: UInt64
        /// Whether JSON writes it as it is, so that it can be recognised without being scanned.
        var isPlain: Bool
        var marks: KeyMarks
        /// The key that came behind it last time.
        var follower: UInt32 = 0
        /// The object in which it was met last, and its token there: see `supersede`.
        var object: UInt64 = 0
        var token: UInt32 = 0
    }

    private var entries: [Entry] = []
    private var fields: [FieldKey] = []
    private var text: [UInt8] = []
    /// Numbers by hash, open addressing; 0 is free, since `start` is never looked for.
    private var slots: [UInt32] = []
    /// Of all objects in which duplicates were looked for.
    private var objects: UInt64 = 0
    private let hash = ByteHash()

    /// With the known keys only, which are worked out once.
    static let empty = {
        var table = FieldKeyTable()
        for key in KnownKey.allCases { _ = table.number(of: key.text) }
        return table
    }()

    private init() {
        slots = Array(repeating: 0, count: 128)
        insert(UnsafeRawBufferPointer(start: nil, count: 0), hash: 0)
    }

    var isFull: Bool { entries.count >= DecoderLimits.rememberedKeys }

    // MARK: - Keys by name

    /// The number of the key whose name, without quotes and escapes, is `raw`; `unknown` if there is no room for it.
    mutating func number(of raw: UnsafeRawBufferPointer) -> Int {
        let hash = hash(raw)
        if let known = known(raw, hash: hash) { return known }
        if isFull || raw.count > DecoderLimits.rememberedKeyBytes { return FieldKeyTable.unknown }
        if slots.count < 2 * entries.count { grow() }
        place(insert(raw, hash: hash))
        return entries.count - 1
    }

    mutating func number(of raw: String) -> Int {
        var raw = raw
        return raw.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
    }

    /// The key whose name, without quotes and escapes, is `raw`.
    mutating func key(_ raw: UnsafeRawBufferPointer) -> FieldKey {
        let number = number(of: raw)
        return fields.indices.contains(number) ? fields[number] : FieldKey(String(decoding: raw, as: UTF8.self))
    }

    // MARK: - Keys by number

    /// What the key is to us; nil for `unknown`.
    func field(_ number: Int) -> FieldKey? {
        fields.indices.contains(number) ? fields[number] : nil
    }

    func marks(of number: Int) -> KeyMarks {
        entries.indices.contains(number) ? entries[number].marks : [.time, .known]
    }

    // MARK: - Keys by what stands before them

    func follower(of number: Int) -> Int {
        entries.indices.contains(number) ? Int(entries[number].follower) : FieldKeyTable.start
    }

    mutating func note(_ number: Int, after previous: Int) {
        guard entries.indices.contains(previous), entries.indices.contains(number) else { return }
        entries[previous].follower = UInt32(number)
    }

    /// How many bytes the key and its closing quote take, if they stand in `bytes` from `position` on.
    func quotedLength(of number: Int, in bytes: UnsafeRawBufferPointer, at position: Int) -> Int? {
        guard entries.indices.contains(number), entries[number].isPlain else { return nil }
        let length = Int(entries[number].length) + 1
        return isText(of: number, in: bytes, at: position, count: length) ? length : nil
    }

    // MARK: - Keys that come twice

    /// Finds members of one object with the same key: the last one counts. Each key remembers where it was met, so that one
    /// pass does it however many there are.
    mutating func supersede(
        object: Int, in tokens: UnsafeMutableBufferPointer<JSONToken>, bytes: UnsafeRawBufferPointer
    ) {
        objects += 1
        var hasUnknown = false
        var token = object + 1
        while token < tokens.count {
            let key = tokens[token].next
            if entries.indices.contains(key) {
                if entries[key].object == objects { tokens[Int(entries[key].token)].isSuperseded = true }
                entries[key].object = objects
                entries[key].token = UInt32(token)
            } else {
                hasUnknown = true
            }
            token = JSONValue.behind(token + 1, in: UnsafeBufferPointer(tokens))
        }
        if hasUnknown { FieldKeyTable.supersedeUnknown(object: object, in: tokens, bytes: bytes) }
    }

    private static func supersedeUnknown(
        object: Int, in tokens: UnsafeMutableBufferPointer<JSONToken>, bytes: UnsafeRawBufferPointer
    ) {
        var lastOf: [[UInt8]: Int] = [:]
        var token = object + 1
        while token < tokens.count {
            if tokens[token].next == unknown {
                let range = UnsafeRawBufferPointer(rebasing: bytes[Int(tokens[token].start)..<tokens[token].end])
                let text = tokens[token].hasEscapes ? Array(JSONText.unescaped(range).utf8) : Array(range)
                if let earlier = lastOf.updateValue(token, forKey: text) { tokens[earlier].isSuperseded = true }
            }
            token = JSONValue.behind(token + 1, in: UnsafeBufferPointer(tokens))
        }
    }

    // MARK: - Hashing

    private func known(_ raw: UnsafeRawBufferPointer, hash: UInt64) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot])
            let entry = entries[number]
            if entry.hash == hash, entry.length == UInt32(truncatingIfNeeded: raw.count),
                isText(of: number, in: raw, at: 0, count: raw.count)
            {
                return number
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Whether the first `count` bytes of a key and its quote stand in `bytes` from `position` on.
    private func isText(of number: Int, in bytes: UnsafeRawBufferPointer, at position: Int, count: Int) -> Bool {
        text.withUnsafeBytes { text in
            ByteComparison.areSame(
                UnsafeRawBufferPointer(rebasing: text[Int(entries[number].start)...]), bytes, from: position,
                count: count)
        }
    }

    @discardableResult
    private mutating func insert(_ raw: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        let name = String(decoding: raw, as: UTF8.self)
        let field = FieldKey(name)
        var marks: KeyMarks = KnownKey(rawValue: entries.count) == nil ? [] : .known
        if case .time = field.role { marks.insert(.time) }
        let isPlain =
            raw.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            && UTF8Bytes.firstFault(raw) == nil && !entries.isEmpty
        entries.append(
            Entry(
                start: UInt32(text.count), length: UInt32(raw.count), hash: hash, isPlain: isPlain, marks: marks))
        fields.append(field)
        text += raw
        text.append(UInt8(ascii: "\""))
        return entries.count - 1
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for number in entries.indices.dropFirst() { place(number) }
    }

    private mutating func place(_ number: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: entries[number].hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(number)
    }
}
