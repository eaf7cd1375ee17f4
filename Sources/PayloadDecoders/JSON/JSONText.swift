/// The text that a JSON string stands for.
enum JSONText {
    /// `bytes` are what the scanner found between the quotes, so that every escape is known to be whole.
    static func unescaped(_ bytes: UnsafeRawBufferPointer) -> String {
        var text = ""
        text.reserveCapacity(bytes.count)
        var index = 0
        var plainStart = 0
        func plain(upTo end: Int) -> String {
            String(decoding: UnsafeRawBufferPointer(rebasing: bytes[plainStart..<end]), as: UTF8.self)
        }
        while index < bytes.count {
            guard let (scalar, length) = escape(bytes, at: index) else {
                index += 1
                continue
            }
            text += plain(upTo: index)
            text.unicodeScalars.append(scalar)
            index += length
            plainStart = index
        }
        return text + plain(upTo: bytes.count)
    }

    /// Whether `bytes`, with escapes in them, stand for `word`. Makes no string: a key is asked for many words.
    static func isSame(_ bytes: UnsafeRawBufferPointer, _ word: some Sequence<UInt8>) -> Bool {
        var expected = word.makeIterator()
        var index = 0
        while index < bytes.count {
            guard let (scalar, length) = escape(bytes, at: index) else {
                guard expected.next() == bytes[index] else { return false }
                index += 1
                continue
            }
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter where expected.next() != byte {
                return false
            }
            index += length
        }
        return expected.next() == nil
    }

    /// The character of the escape that begins at `index`, and how many bytes it takes; nil if none begins there.
    private static func escape(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (Unicode.Scalar, Int)? {
        guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else { return nil }
        switch bytes[index + 1] {
        case UInt8(ascii: "u"): return unicodeEscape(bytes, at: index)
        case UInt8(ascii: "b"): return ("\u{08}", 2)
        case UInt8(ascii: "f"): return ("\u{0C}", 2)
        case UInt8(ascii: "n"): return ("\n", 2)
        case UInt8(ascii: "r"): return ("\r", 2)
        case UInt8(ascii: "t"): return ("\t", 2)
        case let other: return (Unicode.Scalar(other), 2)
        }
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The character of `\uXXXX`, or of two of them that are a surrogate pair, and how many bytes that took. RFC 8259
    /// §8.2 lets half a pair stand; it is no character, so it becomes U+FFFD.
    private static func unicodeEscape(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (Unicode.Scalar, Int) {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        guard let unit = codeUnit(bytes, at: index) else { return (replacement, 2) }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        if (0xD800...0xDBFF).contains(unit), let low = codeUnit(bytes, at: index + 6),
            (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        {
            return (scalar, 12)
        }
        return (replacement, 6)
    }

    private static func codeUnit(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for offset in 2..<6 {
            guard let digit = hexDigit(bytes[index + offset]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}
