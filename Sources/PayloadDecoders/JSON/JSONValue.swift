/// A value of a JSON text that has been scanned: a place in its tokens. Valid as long as they are.
struct JSONValue {
    let bytes: UnsafeRawBufferPointer
    let tokens: UnsafeBufferPointer<JSONToken>
    let index: Int

    var kind: JSONToken.Kind { tokens[index].kind }
    var isObject: Bool { kind == .object }
    var isArray: Bool { kind == .array }
    /// Members of an object, elements of an array.
    var count: Int { isObject || isArray ? tokens[index].end : 0 }

    /// The members of an object, of those with the same key only the last; empty for any other value.
    var members: Members { Members(object: self) }

    /// The elements of an array; empty for any other value.
    var elements: Elements { Elements(array: self) }

    /// The member of an object with this key.
    subscript(_ key: StaticString) -> JSONValue? {
        for (name, value) in members where name.isSame(key) { return value }
        return nil
    }

    /// The member of an object with this key.
    subscript(_ key: KnownKey) -> JSONValue? {
        guard isObject, tokens[index].marks.contains(.known) else { return nil }
        for (name, value) in members where name.number == key.rawValue { return value }
        return nil
    }

    /// Whether there may be a time among the members of an object.
    var mayTellTime: Bool { isObject && tokens[index].marks.contains(.time) }

    /// Whether this is the string `word`.
    func isText(_ word: StaticString) -> Bool {
        kind == .string && isWritten(word)
    }

    /// Whether a string or key stands for `word`.
    private func isWritten(_ word: StaticString) -> Bool {
        let token = tokens[index]
        if !token.hasEscapes, token.end - Int(token.start) != word.utf8CodeUnitCount { return false }
        return withText { bytes in
            bytes.count == word.utf8CodeUnitCount && word.withUTF8Buffer { $0.elementsEqual(bytes) }
        }
    }

    /// The text of a string; nil for any other value.
    var text: String? {
        guard kind == .string else { return nil }
        return tokens[index].hasEscapes ? JSONText.unescaped(content) : String(decoding: content, as: UTF8.self)
    }

    /// A string's text, or a number as it is written: what names something. Nil for any other value.
    var written: String? { kind == .number ? String(decoding: content, as: UTF8.self) : text }

    /// What the value says as a reading; nil for null, containers, other text, and what is not finite.
    var number: Double? {
        switch kind {
        case .number: return tokens[index].number.isFinite ? tokens[index].number : nil
        case .true: return 1
        case .false: return 0
        case .string: return withText { TextValue($0).number }
        case .null, .object, .array, .key: return nil
        }
    }

    /// The time that a number or text gives; nil for anything else.
    var writtenTime: WrittenTime? {
        switch kind {
        case .number: WrittenTime(epoch: tokens[index].number)
        case .string: withText { WrittenTime($0) }
        default: nil
        }
    }

    /// The bytes of a string as they are after unescaping.
    func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard tokens[index].hasEscapes else { return body(content) }
        var text = JSONText.unescaped(content)
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// As ``written``, but no more than `limit` bytes and a little: what is longer stays longer than that, and is not copied.
    func written(upTo limit: Int) -> String? {
        guard kind == .number || kind == .string else { return nil }
        // An escape takes up to six bytes for one.
        let cut = UnsafeRawBufferPointer(rebasing: content.prefix((hasEscapes ? 6 : 1) * (limit + 1)))
        let text = hasEscapes ? JSONText.unescaped(cut) : String(decoding: cut, as: UTF8.self)
        return text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit + 1), as: UTF8.self)
    }

    /// As ``text``, cut like that.
    func text(upTo limit: Int) -> String? { kind == .string ? written(upTo: limit) : nil }

    private var hasEscapes: Bool { tokens[index].hasEscapes }

    /// A key's, string's or number's bytes in the text.
    private var content: UnsafeRawBufferPointer {
        let start = Int(tokens[index].start)
        guard kind == .number else { return UnsafeRawBufferPointer(rebasing: bytes[start..<tokens[index].end]) }
        // A number has no end, since its value takes the place; it ends before what can stand in none.
        let digits = bytes[start...].prefix { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        return UnsafeRawBufferPointer(rebasing: digits)
    }

    /// The index of the token behind the whole value.
    var end: Int { JSONValue.behind(index, in: tokens) }

    func isContainer(at index: Int) -> Bool {
        tokens.indices.contains(index) && (tokens[index].kind == .object || tokens[index].kind == .array)
    }

    /// Where a scalar is written in the text, a string with its quotes.
    func written(at index: Int) -> Range<Int> {
        let token = tokens[index]
        let start = Int(token.start)
        switch token.kind {
        case .string: return start - 1..<token.end + 1
        case .number:
            return start..<start + JSONValue(bytes: bytes, tokens: tokens, index: index).content.count
        case .object, .array, .key, .true, .false, .null: return start..<token.end
        }
    }

    /// The index of the token behind the whole value at `index`.
    static func behind(_ index: Int, in tokens: UnsafeBufferPointer<JSONToken>) -> Int {
        switch tokens[index].kind {
        case .object, .array: tokens[index].next
        case .key, .string, .number, .true, .false, .null: index + 1
        }
    }

    /// A key of an object.
    struct Key {
        fileprivate let value: JSONValue

        var text: String {
            value.withText { String(decoding: $0, as: UTF8.self) }
        }

        func isSame(_ word: StaticString) -> Bool {
            value.isWritten(word)
        }

        func isSame(_ word: String) -> Bool {
            if value.hasEscapes { return JSONText.isSame(value.content, word.utf8) }
            let bytes = value.content
            return bytes.count == word.utf8.count && word.utf8.elementsEqual(bytes)
        }

        func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            value.withText(body)
        }

        /// In the table of keys; `FieldKeyTable.unknown` if that had no room for it.
        var number: Int { value.tokens[value.index].next }

        /// What the key is to us.
        func field(_ table: FieldKeyTable) -> FieldKey {
            table.field(number) ?? FieldKey(text)
        }
    }

    struct Members: Sequence, IteratorProtocol {
        private let object: JSONValue
        private var upcoming: Int
        private let end: Int

        fileprivate init(object: JSONValue) {
            self.object = object
            upcoming = object.index + 1
            end = object.isObject ? object.tokens[object.index].next : 0
        }

        mutating func next() -> (Key, JSONValue)? {
            while upcoming < end {
                let key = upcoming
                upcoming = JSONValue.behind(key + 1, in: object.tokens)
                if object.tokens[key].isSuperseded { continue }
                return (
                    Key(value: JSONValue(bytes: object.bytes, tokens: object.tokens, index: key)),
                    JSONValue(bytes: object.bytes, tokens: object.tokens, index: key + 1)
                )
            }
            return nil
        }
    }

    struct Elements: Sequence, IteratorProtocol {
        private let array: JSONValue
        private var upcoming: Int
        private let end: Int

        fileprivate init(array: JSONValue) {
            self.array = array
            upcoming = array.index + 1
            end = array.isArray ? array.tokens[array.index].next : 0
        }

        mutating func next() -> JSONValue? {
            guard upcoming < end else { return nil }
            defer { upcoming = JSONValue.behind(upcoming, in: array.tokens) }
            return JSONValue(bytes: array.bytes, tokens: array.tokens, index: upcoming)
        }
    }
}
