import Foundation

/// JSON in one line, members sorted, so that the same content is the same bytes.
enum CompactJSON {
    static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing that is encoded here can fail: texts, whole numbers, and numbers that were looked at.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("{}".utf8)
    }

    static func text(_ value: some Encodable) -> String { String(decoding: bytes(value), as: UTF8.self) }
}

/// Text from elsewhere as one line.
enum OneLine {
    static func of(_ text: String, most: Int = 300) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(most) {
            let breaks = scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            out.append(breaks ? " " : scalar)
        }
        return String(out).split(separator: " ").joined(separator: " ")
    }
}
