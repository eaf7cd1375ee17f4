/// Reads a JSON text once and writes down where its values are. Builds no tree and copies no text.
struct JSONScanner {
    private var cursor: JSONCursor
    private let tokens: UnsafeMutableBufferPointer<JSONToken>
    /// How many tokens there are.
    private(set) var count = 0
    /// The key that came last, by which the next one is guessed.
    private var lastKey = FieldKeyTable.start

    /// How many tokens `bytes` can have at most: behind each value but the last there stands a comma or colon, or it opens
    /// another level.
    static func tokensNeeded(for bytes: UnsafeRawBufferPointer) -> Int {
        min(bytes.count / 2 + DecoderLimits.jsonDepth + 2, DecoderLimits.jsonValues)
    }

    /// - Parameter tokens: room for `tokensNeeded(for: bytes)`.
    init(_ bytes: UnsafeRawBufferPointer, into tokens: UnsafeMutableBufferPointer<JSONToken>) {
        cursor = JSONCursor(bytes)
        self.tokens = tokens
    }

    /// Reads the whole text; the first token is the outermost value.
    mutating func scan(keys: inout FieldKeyTable) throws(JSONFault) {
        cursor.skipWhitespace()
        try scanValue(depth: 0, keys: &keys)
        cursor.skipWhitespace()
        if !cursor.isAtEnd { throw .trailing(position: cursor.position) }
    }

    private mutating func scanValue(depth: Int, keys: inout FieldKeyTable) throws(JSONFault) {
        if cursor.isAtEnd { throw .truncated }
        let start = cursor.position
        switch cursor.next {
        case UInt8(ascii: "{"): try scanObject(depth: depth + 1, keys: &keys)
        case UInt8(ascii: "["): try scanArray(depth: depth + 1, keys: &keys)
        case UInt8(ascii: "\""):
            cursor.position += 1
            var token = JSONToken(.string, start: start + 1)
            token.hasEscapes = try cursor.skipString()
            token.end = cursor.position - 1
            try append(token)
        case UInt8(ascii: "t"): try scanLiteral("true", .true)
        case UInt8(ascii: "f"): try scanLiteral("false", .false)
        case UInt8(ascii: "n"): try scanLiteral("null", .null)
        default: try append(JSONToken(number: try cursor.number(), start: start))
        }
    }

    private mutating func scanObject(depth: Int, keys: inout FieldKeyTable) throws(JSONFault) {
        let object = try open(.object, depth: depth)
        var members = 0
        var marks: KeyMarks = []
        if !cursor.take("}") {
            repeat {
                cursor.skipWhitespace()
                marks.formUnion(try scanKey(keys: &keys))
                cursor.skipWhitespace()
                guard cursor.take(":") else { throw cursor.unexpected }
                cursor.skipWhitespace()
                try scanValue(depth: depth, keys: &keys)
                cursor.skipWhitespace()
                members += 1
            } while cursor.take(",")
            guard cursor.take("}") else { throw cursor.unexpected }
        }
        close(object, count: members)
        tokens[object].marks = marks
        if members > 1 {
            let members = UnsafeMutableBufferPointer(rebasing: tokens[..<count])
            keys.supersede(object: object, in: members, bytes: cursor.bytes)
        }
    }

    private mutating func scanArray(depth: Int, keys: inout FieldKeyTable) throws(JSONFault) {
        let array = try open(.array, depth: depth)
        var elements = 0
        if !cursor.take("]") {
            repeat {
                cursor.skipWhitespace()
                try scanValue(depth: depth, keys: &keys)
                cursor.skipWhitespace()
                elements += 1
            } while cursor.take(",")
            guard cursor.take("]") else { throw cursor.unexpected }
        }
        close(array, count: elements)
    }

    private mutating func open(_ kind: JSONToken.Kind, depth: Int) throws(JSONFault) -> Int {
        if count >= tokens.count { throw .tooManyValues(position: cursor.position) }
        guard depth <= DecoderLimits.jsonDepth else { throw .nestedTooDeep(position: cursor.position) }
        try append(JSONToken(kind, start: cursor.position))
        cursor.position += 1
        cursor.skipWhitespace()
        return count - 1
    }

    private mutating func close(_ index: Int, count elements: Int) {
        tokens[index].end = elements
        tokens[index].next = count
    }

    /// - Returns: what the key is marked with.
    private mutating func scanKey(keys: inout FieldKeyTable) throws(JSONFault) -> KeyMarks {
        guard cursor.take("\"") else { throw cursor.unexpected }
        let start = cursor.position
        // A device writes its keys in the same order each time.
        let guess = keys.follower(of: lastKey)
        if let length = keys.quotedLength(of: guess, in: cursor.bytes, at: start) {
            cursor.position = start + length
            try append(JSONToken(.key, start: start, end: cursor.position - 1, next: guess))
            lastKey = guess
            return keys.marks(of: guess)
        }
        let hasEscapes = try cursor.skipString()
        let content = UnsafeRawBufferPointer(rebasing: cursor.bytes[start..<cursor.position - 1])
        let key = hasEscapes ? keys.number(of: JSONText.unescaped(content)) : keys.number(of: content)
        keys.note(key, after: lastKey)
        var token = JSONToken(.key, start: start, end: cursor.position - 1, next: key)
        token.hasEscapes = hasEscapes
        try append(token)
        lastKey = key
        return keys.marks(of: key)
    }

    private mutating func scanLiteral(_ word: StaticString, _ kind: JSONToken.Kind) throws(JSONFault) {
        let start = cursor.position
        try cursor.skipLiteral(word)
        try append(JSONToken(kind, start: start, end: cursor.position))
    }

    private mutating func append(_ token: JSONToken) throws(JSONFault) {
        if count >= tokens.count { throw .tooManyValues(position: Int(token.start)) }
        tokens[count] = token
        count &+= 1
    }
}
