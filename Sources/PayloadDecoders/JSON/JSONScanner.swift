/// Reads a JSON text once, by RFC 8259 to the letter, and writes down where its values are. Builds no tree and copies
/// no text.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// The array is handed in and out again, so that its room serves message after message.
    private(set) var tokens: [JSONToken]

    init(_ bytes: UnsafeRawBufferPointer, tokens: consuming [JSONToken]) {
        self.bytes = bytes
        self.tokens = tokens
        self.tokens.removeAll(keepingCapacity: true)
    }

    /// Reads the whole text into `tokens`; the first is the outermost value.
    mutating func scan() throws(JSONFault) {
        skipWhitespace()
        try scanValue(depth: 0)
        skipWhitespace()
        if position < bytes.count { throw .trailing(position: position) }
    }

    private mutating func scanValue(depth: Int) throws(JSONFault) {
        guard position < bytes.count else { throw .truncated }
        if tokens.count >= DecoderLimits.jsonValues { throw .tooManyValues(position: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): try scanObject(depth: depth + 1)
        case UInt8(ascii: "["): try scanArray(depth: depth + 1)
        case UInt8(ascii: "\""): try scanString(.string)
        case UInt8(ascii: "t"): try scanLiteral("true", .true)
        case UInt8(ascii: "f"): try scanLiteral("false", .false)
        case UInt8(ascii: "n"): try scanLiteral("null", .null)
        default: try scanNumber()
        }
    }

    private mutating func scanObject(depth: Int) throws(JSONFault) {
        let object = try open(.object, depth: depth)
        var count: UInt32 = 0
        if !take("}") {
            repeat {
                skipWhitespace()
                guard position < bytes.count else { throw .truncated }
                guard bytes[position] == UInt8(ascii: "\"") else { throw unexpected }
                if tokens.count >= DecoderLimits.jsonValues { throw .tooManyValues(position: position) }
                try scanString(.key)
                skipWhitespace()
                guard take(":") else { throw unexpected }
                skipWhitespace()
                try scanValue(depth: depth)
                skipWhitespace()
                count += 1
            } while take(",")
            guard take("}") else { throw unexpected }
        }
        close(object, count: count)
        if count > 1 { JSONDuplicateKeys.mark(object: object, in: &tokens, bytes: bytes) }
    }

    private mutating func scanArray(depth: Int) throws(JSONFault) {
        let array = try open(.array, depth: depth)
        var count: UInt32 = 0
        if !take("]") {
            repeat {
                skipWhitespace()
                try scanValue(depth: depth)
                skipWhitespace()
                count += 1
            } while take(",")
            guard take("]") else { throw unexpected }
        }
        close(array, count: count)
    }

    private mutating func open(_ kind: JSONToken.Kind, depth: Int) throws(JSONFault) -> Int {
        guard depth <= DecoderLimits.jsonDepth else { throw .nestedTooDeep(position: position) }
        tokens.append(JSONToken(kind: kind, start: UInt32(position), end: 0, next: 0))
        position += 1
        skipWhitespace()
        return tokens.count - 1
    }

    private mutating func close(_ index: Int, count: UInt32) {
        tokens[index].end = count
        tokens[index].next = UInt32(tokens.count)
    }

    private mutating func scanString(_ kind: JSONToken.Kind) throws(JSONFault) {
        position += 1
        let start = position
        var hasEscapes = false
        var hash: UInt32 = 2_166_136_261
        while true {
            guard position < bytes.count else { throw .truncated }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte < 0x20 { throw .controlCharacter(position: position) }
            hash = (hash ^ UInt32(byte)) &* 16_777_619
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try skipEscape()
            } else if byte < 0x80 {
                position += 1
            } else {
                guard let length = UTF8Bytes.sequenceLength(bytes, at: position) else {
                    throw .invalidUTF8(position: position)
                }
                for offset in 1..<length { hash = (hash ^ UInt32(bytes[position + offset])) &* 16_777_619 }
                position += length
            }
        }
        let index = UInt32(tokens.count)
        tokens.append(
            JSONToken(
                kind: kind, hasEscapes: hasEscapes, start: UInt32(start), end: UInt32(position),
                next: kind == .key ? hash : index + 1))
        position += 1
    }

    private mutating func skipEscape() throws(JSONFault) {
        guard position + 1 < bytes.count else { throw .truncated }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= bytes.count else { throw .truncated }
            for offset in 2..<6 where JSONText.hexDigit(bytes[position + offset]) == nil {
                throw .invalidEscape(position: position)
            }
            position += 6
        default: throw .invalidEscape(position: position)
        }
    }

    private mutating func scanLiteral(_ word: StaticString, _ kind: JSONToken.Kind) throws(JSONFault) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count else { throw .truncated }
            guard bytes[position] == word.utf8Start[offset] else { throw unexpected }
            position += 1
        }
        append(kind, start: position)
    }

    private mutating func scanNumber() throws(JSONFault) {
        let start = position
        _ = take("-")
        if !take("0") { try scanDigits() }
        if take(".") { try scanDigits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try scanDigits()
        }
        append(.number, start: start)
    }

    private mutating func scanDigits() throws(JSONFault) {
        let start = position
        while position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
            position += 1
        }
        if position == start { throw unexpected }
    }

    private mutating func append(_ kind: JSONToken.Kind, start: Int) {
        tokens.append(
            JSONToken(kind: kind, start: UInt32(start), end: UInt32(position), next: UInt32(tokens.count + 1)))
    }

    /// What is at `position` can't stand there.
    private var unexpected: JSONFault {
        position < bytes.count ? .unexpected(byte: bytes[position], position: position) : .truncated
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}
