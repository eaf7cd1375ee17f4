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
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                index += 1
                continue
            }
            text += plain(upTo: index)
            switch bytes[index + 1] {
            case UInt8(ascii: "u"):
                let (scalar, length) = unicodeEscape(bytes, at: index)
                text.unicodeScalars.append(scalar)
                index += length
            case UInt8(ascii: "b"): (text, index) = (text + "\u{08}", index + 2)
            case UInt8(ascii: "f"): (text, index) = (text + "\u{0C}", index + 2)
            case UInt8(ascii: "n"): (text, index) = (text + "\n", index + 2)
            case UInt8(ascii: "r"): (text, index) = (text + "\r", index + 2)
            case UInt8(ascii: "t"): (text, index) = (text + "\t", index + 2)
            case let other:
                text.unicodeScalars.append(Unicode.Scalar(other))
                index += 2
            }
            plainStart = index
        }
        return text + plain(upTo: bytes.count)
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
