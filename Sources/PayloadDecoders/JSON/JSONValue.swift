/// A value of a JSON text that has been scanned: a place in its tokens. Valid as long as they are.
struct JSONValue {
    let bytes: UnsafeRawBufferPointer
    let tokens: UnsafeBufferPointer<JSONToken>
    let index: Int

    var kind: JSONToken.Kind { tokens[index].kind }
    var isObject: Bool { kind == .object }
    var isArray: Bool { kind == .array }
    /// Members of an object, elements of an array.
    var count: Int { isObject || isArray ? Int(tokens[index].end) : 0 }

    /// The members of an object, of those with the same key only the last; empty for any other value.
    var members: Members { Members(object: self) }

    /// The elements of an array; empty for any other value.
    var elements: Elements { Elements(array: self) }

    /// The member of an object with this key.
    subscript(_ key: StaticString) -> JSONValue? {
        for (name, value) in members where name.isSame(key) { return value }
        return nil
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
        case .number:
            guard let number = DecimalNumber.parse(content), number.isFinite else { return nil }
            return number
        case .true: return 1
        case .false: return 0
        case .string: return withText { TextValue($0).number }
        case .null, .object, .array, .key: return nil
        }
    }

    /// The time that a number or text gives; nil for anything else.
    var writtenTime: WrittenTime? {
        switch kind {
        case .number: DecimalNumber.parse(content).flatMap { WrittenTime(epoch: $0) }
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

    private var content: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(tokens[index].start)..<Int(tokens[index].end)])
    }

    /// A key of an object.
    struct Key {
        fileprivate let value: JSONValue

        var text: String {
            value.withText { String(decoding: $0, as: UTF8.self) }
        }

        func isSame(_ word: StaticString) -> Bool {
            if value.hasEscapes { return word.withUTF8Buffer { JSONText.isSame(value.content, $0) } }
            let bytes = value.content
            return bytes.count == word.utf8CodeUnitCount && word.withUTF8Buffer { $0.elementsEqual(bytes) }
        }

        func isSame(_ word: String) -> Bool {
            if value.hasEscapes { return JSONText.isSame(value.content, word.utf8) }
            let bytes = value.content
            return bytes.count == word.utf8.count && word.utf8.elementsEqual(bytes)
        }

        func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            value.withText(body)
        }

        /// What the key is to us.
        func field(_ table: inout FieldKeyTable) -> FieldKey {
            value.withText { table.key($0) }
        }
    }

    struct Members: Sequence, IteratorProtocol {
        private let object: JSONValue
        private var upcoming: Int
        private let end: Int

        fileprivate init(object: JSONValue) {
            self.object = object
            upcoming = object.index + 1
            end = object.isObject ? Int(object.tokens[object.index].next) : 0
        }

        mutating func next() -> (Key, JSONValue)? {
            while upcoming < end {
                let key = upcoming
                upcoming = Int(object.tokens[key + 1].next)
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
            end = array.isArray ? Int(array.tokens[array.index].next) : 0
        }

        mutating func next() -> JSONValue? {
            guard upcoming < end else { return nil }
            defer { upcoming = Int(array.tokens[upcoming].next) }
            return JSONValue(bytes: array.bytes, tokens: array.tokens, index: upcoming)
        }
    }
}
