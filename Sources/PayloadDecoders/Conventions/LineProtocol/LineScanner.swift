/// Takes lines of line protocol apart, where they lie.
struct LineScanner {
    /// A name or value in which some characters may have a backslash before them.
    struct Word {
        let bytes: UnsafeRawBufferPointer
        let hasEscapes: Bool

        var text: String {
            hasEscapes ? String(decoding: unescaped, as: UTF8.self) : String(decoding: bytes, as: UTF8.self)
        }

        /// A backslash stands for itself before anything but a comma, an equals sign or a blank.
        private var unescaped: [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            for (index, byte) in bytes.enumerated() {
                let isEscape = byte == UInt8(ascii: "\\") && index + 1 < bytes.count && isSpecial(bytes[index + 1])
                if !isEscape { result.append(byte) }
            }
            return result
        }

        func isSame(_ word: StaticString) -> Bool {
            bytes.count == word.utf8CodeUnitCount && word.withUTF8Buffer { $0.elementsEqual(bytes) }
        }

        func key(_ table: inout FieldKeyTable) -> FieldKey {
            hasEscapes ? unescaped.withUnsafeBytes { table.key($0) } : table.key(bytes)
        }
    }

    struct Pair {
        let key: Word
        let value: Word
    }

    struct Point {
        let measurement: Word
        let tags: [Pair]
        /// Known to be fields, all of them.
        let fields: UnsafeRawBufferPointer
        let time: Int64?
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Goes to the next line that is neither empty nor a comment. False if there is none.
    mutating func skipToPoint() -> Bool {
        while position < bytes.count {
            if ASCII.isWhitespace(bytes[position]) {
                position += 1
            } else if bytes[position] == UInt8(ascii: "#") {
                skipLine()
            } else {
                return true
            }
        }
        return false
    }

    /// Reads the point that begins here, and goes behind it. Nil, and to the next line, if it is none.
    mutating func point() -> Point? {
        let start = position
        if let point = readPoint() { return point }
        position = start
        skipLine()
        return nil
    }

    private mutating func readPoint() -> Point? {
        let measurement = word(until: ", ")
        guard !measurement.bytes.isEmpty else { return nil }
        var tags: [Pair] = []
        while take(",") {
            let key = word(until: ",= ")
            guard !key.bytes.isEmpty, take("="), tags.count < DecoderLimits.lineTags else { return nil }
            let value = word(until: ",= ")
            // InfluxDB knows no empty value: there is no such tag.
            if !value.bytes.isEmpty { tags.append(Pair(key: key, value: value)) }
        }
        guard take(" ") else { return nil }
        skipBlanks()
        let start = position
        var fields = Fields(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        repeat { guard fields.next() != nil else { return nil } } while fields.hasComma
        position = start + fields.position
        let end = position
        skipBlanks()
        var time: Int64?
        if position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            guard position > end, let written = integer() else { return nil }
            time = written
            skipBlanks()
        }
        guard position == bytes.count || take("\n") else { return nil }
        return Point(
            measurement: measurement, tags: tags, fields: UnsafeRawBufferPointer(rebasing: bytes[start..<end]),
            time: time)
    }

    // MARK: - Pieces

    private mutating func word(until ends: StaticString) -> Word {
        LineScanner.word(in: bytes, at: &position, until: ends)
    }

    /// Up to the first of `ends` without a backslash, or the end of the line.
    fileprivate static func word(
        in bytes: UnsafeRawBufferPointer, at position: inout Int, until ends: StaticString
    ) -> Word {
        let start = position
        var hasEscapes = false
        ends.withUTF8Buffer { ends in
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n"), !ends.contains(bytes[position]) {
                let isEscape =
                    bytes[position] == UInt8(ascii: "\\") && position + 1 < bytes.count
                    && isSpecial(bytes[position + 1])
                if isEscape { hasEscapes = true }
                position += isEscape ? 2 : 1
            }
        }
        return Word(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), hasEscapes: hasEscapes)
    }

    fileprivate static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: " ")
    }

    private mutating func integer() -> Int64? {
        let start = position
        while position < bytes.count, !ASCII.isWhitespace(bytes[position]) { position += 1 }
        return LineScanner.integer(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
    }

    /// A whole number that fits in 64 bits.
    fileprivate static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard bytes.count <= 20 else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    private mutating func take(_ character: Character) -> Bool {
        guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n"), ASCII.isWhitespace(bytes[position]) {
            position += 1
        }
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        position = min(position + 1, bytes.count)
    }
}

extension LineScanner.Word {
    private func isSpecial(_ byte: UInt8) -> Bool { LineScanner.isSpecial(byte) }
}

extension LineScanner {
    enum FieldValue {
        case number(Double)
        /// A text, or a number that is none.
        case noReading
    }

    /// `key=value` after `key=value`, with commas between.
    struct Fields {
        private let bytes: UnsafeRawBufferPointer
        private(set) var position = 0
        /// Whether the last field has a comma behind it.
        private(set) var hasComma = false

        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        /// Nil if there is none or what is there is no field.
        mutating func next() -> (key: Word, value: FieldValue)? {
            let key = LineScanner.word(in: bytes, at: &position, until: ",= ")
            guard !key.bytes.isEmpty, position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return nil }
            position += 1
            guard let value = value() else { return nil }
            hasComma = position < bytes.count && bytes[position] == UInt8(ascii: ",")
            if hasComma { position += 1 }
            return (key, value)
        }

        private mutating func value() -> FieldValue? {
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return text() }
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: ","), !ASCII.isWhitespace(bytes[position]) {
                position += 1
            }
            return FieldValue(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        }

        /// Up to the next quote without a backslash; lines may end inside.
        private mutating func text() -> FieldValue? {
            position += 1
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    return .noReading
                case UInt8(ascii: "\\"): position += 2
                default: position += 1
                }
            }
            position = bytes.count
            return nil
        }
    }
}

extension LineScanner.FieldValue {
    private static let flags: [(word: StaticString, value: Double)] = [
        ("t", 1), ("T", 1), ("true", 1), ("True", 1), ("TRUE", 1),
        ("f", 0), ("F", 0), ("false", 0), ("False", 0), ("FALSE", 0),
    ]

    /// Nil if it is no value without quotes.
    fileprivate init?(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return nil }
        if last == UInt8(ascii: "i") || last == UInt8(ascii: "u") {
            let digits = UnsafeRawBufferPointer(rebasing: bytes.dropLast())
            let text = String(decoding: digits, as: UTF8.self)
            let value = last == UInt8(ascii: "i") ? Int64(text).map { Double($0) } : UInt64(text).map { Double($0) }
            guard let value, digits.count <= 20 else { return nil }
            self = .number(value)
        } else if let number = DecimalNumber.parse(bytes) {
            self = number.isFinite ? .number(number) : .noReading
        } else if ASCII.isSame(bytes, "nan") {
            self = .noReading
        } else {
            for (word, value) in Self.flags
            where bytes.count == word.utf8CodeUnitCount && word.withUTF8Buffer({ $0.elementsEqual(bytes) }) {
                self = .number(value)
                return
            }
            return nil
        }
    }
}
