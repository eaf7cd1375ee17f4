import TestSupport

/// Changes to bytes that leave most of their structure whole, so that they get past the first check.
enum PayloadMutation {
    private static let pieces: [[UInt8]] = [
        Array("{".utf8), Array("}".utf8), Array("[".utf8), Array("]".utf8), Array("\"".utf8), Array(":".utf8),
        Array(",".utf8), Array("\\u".utf8), Array("\\ud800".utf8), Array("1e400".utf8), Array("-0".utf8),
        Array("null".utf8), Array("{\"a\":1}".utf8), Array("[[[[[[[[".utf8), [0xFF], [0xC3], [0xE2, 0x80, 0xAE], [0x00],
        [0x1B], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x80, 0xA8], [0xCC, 0x81],
        Array("9223372036854775808".utf8), Array("1e19".utf8), Array("0.00000000000000000001".utf8),
        Array("ZbReceived".utf8), Array("values".utf8), Array("ts".utf8), Array("/".utf8), Array("~".utf8),
        Array("%topic%".utf8), Array("FF9904".utf8), Array("switch:".utf8), Array("$".utf8), Array("nodes".utf8),
        Array("\n".utf8), Array("=".utf8), Array("\\ ".utf8), [0x81], [0x9F], [0xBF], [0xC4], [0x7F], [0x12, 0x02],
        Array(repeating: 0xFF, count: 9), Array(repeating: 0x81, count: 40), Array(repeating: 0xC2, count: 40),
    ]

    /// Bytes changed, cut, doubled or put in.
    static func scratch(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let at = random.below(bytes.count + 1)
        switch random.below(6) {
        case 0 where at < bytes.count: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8(random.below(8))
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(8)))
        case 3: bytes.removeSubrange(at...)
        case 4:
            let from = random.below(bytes.count + 1)
            bytes.insert(contentsOf: Array(bytes[min(from, at)..<max(from, at)].prefix(4096)), at: at)
        default: bytes.insert(contentsOf: random.pick(pieces), at: at)
        }
    }

    /// The beginning of one message and the end of another.
    static func splice(_ bytes: inout [UInt8], with other: [UInt8], _ random: inout SeededGenerator) {
        bytes.removeSubrange(random.below(bytes.count + 1)...)
        bytes += other[random.below(other.count + 1)...]
    }

    /// A JSON value put into others, said many times, or replaced by a text that is too long; nothing if there is none.
    static func restructure(
        _ bytes: inout [UInt8], _ random: inout SeededGenerator, size: MessageSize, replacement: [UInt8]
    ) {
        if random.isOne(in: 4) {
            repeatElement(in: &bytes, &random, size: size)
            return
        }
        let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
        guard !colons.isEmpty else { return }
        let start = random.pick(colons) + 1
        let end = endOfValue(in: bytes, from: start)
        let value = Array(bytes[start..<end])
        switch random.below(6) {
        case 0: bytes.replaceSubrange(start..<end, with: replacement)
        case 1:
            let depth = random.few(upTo: 40)
            let open = random.pick(["[", "{\"a\":", "[1,"])
            let close = open.hasPrefix("[") ? "]" : "}"
            bytes.replaceSubrange(
                start..<end,
                with: Array(String(repeating: open, count: depth).utf8) + value
                    + Array(String(repeating: close, count: depth).utf8))
        case 2:
            // More members of the same value, under other keys or under one.
            let count = max(1, min(size.bytes / (value.count + 8), size.values))
            let isOneKey = random.isOne(in: 6)
            var more: [UInt8] = []
            for index in 0..<count {
                more += Array(",\"\(isOneKey ? "k" : "k\(index)")\":".utf8) + value
            }
            bytes.insert(contentsOf: more, at: end)
        case 3:
            let text = random.pick(["a", "a_", "é", "\\u0061", "%topic%", "/", "{{", "1"])
            let long = String(repeating: text, count: size.bytes / random.pick([1, 2, 8]) / text.utf8.count)
            bytes.replaceSubrange(start..<end, with: Array("\"\(long)\"".utf8))
        case 4 where start >= 2:
            // A longer key before it.
            let text = random.pick(["a", "a_", "é", "\\u0061", "_1"])
            let count = random.isOne(in: 2) ? 60 : size.bytes / 2 / text.utf8.count
            bytes.insert(contentsOf: Array(String(repeating: text, count: count).utf8), at: start - 2)
        default: bytes.replaceSubrange(start..<end, with: Array("[\(String(decoding: value, as: UTF8.self))]".utf8))
        }
    }

    /// More elements like the first of some array.
    private static func repeatElement(in bytes: inout [UInt8], _ random: inout SeededGenerator, size: MessageSize) {
        let brackets = bytes.indices.filter { bytes[$0] == UInt8(ascii: "[") }
        guard !brackets.isEmpty else { return }
        let start = random.pick(brackets) + 1
        let end = endOfValue(in: bytes, from: start)
        let element = [UInt8(ascii: ",")] + bytes[start..<end]
        let count = max(1, min(size.bytes / 2 / element.count, size.values))
        bytes.insert(contentsOf: Array(repeating: element, count: count).flatMap(\.self), at: end)
    }

    /// Behind the value that begins at `start`: behind its last bracket or quote, else before what ends a number.
    private static func endOfValue(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        var isText = false
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\\") where isText: index += 1
            case UInt8(ascii: "\""):
                isText.toggle()
                if !isText, depth == 0 { return index + 1 }
            case UInt8(ascii: "{") where !isText, UInt8(ascii: "[") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText, UInt8(ascii: "]") where !isText:
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: ",") where !isText && depth == 0: return index
            default: break
            }
            index += 1
        }
        return bytes.count
    }
}
