import Readings

/// A series' labels as they are written: `temperature{room="kitchen"}` or `{"độ ẩm", room="bếp"}`.
package enum LabelSetNotation {
    /// Reads the labels at the beginning of `text`, and says how many bytes of its UTF-8 form they take.
    package static func read(_ text: String) throws(PromQLError) -> (labels: Labels, length: Int) {
        // Only the labels are looked at as tokens; what follows may be anything.
        let bytes = Array(text.utf8)
        let nameEnd = bytes.firstIndex { !Lexer.isIdentifierByte($0) } ?? bytes.count
        var labels: [Label] = []
        guard !(bytes.first.map { "0"..."9" ~= $0 } ?? false) else {
            throw PromQLError("a name does not begin with a digit", at: 0, of: bytes)
        }
        if nameEnd > 0 { labels.append(Label(LabelName.metric, String(decoding: bytes[..<nameEnd], as: UTF8.self))) }
        guard opensLabels(bytes[nameEnd...], behindName: nameEnd > 0) else {
            guard nameEnd > 0 else {
                throw PromQLError("a series begins with its name or \"{\"", at: 0, of: bytes)
            }
            return (Labels(labels), nameEnd)
        }
        var lexer = Lexer(bytes)
        var token = try lexer.next()
        if nameEnd > 0 { token = try lexer.next() }
        token = try lexer.next()
        while token.kind != .rightBrace {
            let name: String
            switch token.kind {
            case .identifier: name = String(decoding: bytes[token.span], as: UTF8.self)
            case .string(let text): name = text
            default:
                throw PromQLError(
                    "unexpected text in label set, expected identifier or \"}\"", at: token.span.lowerBound, of: bytes)
            }
            let isQuoted = token.kind != .identifier
            token = try lexer.next()
            if token.kind == .assign {
                guard case .string(let value) = try lexer.next().kind else {
                    throw PromQLError("unexpected text in label set, expected string", at: lexer.position, of: bytes)
                }
                labels.append(Label(name, value))
                token = try lexer.next()
            } else if isQuoted {
                labels.append(Label(LabelName.metric, name))
            } else {
                throw PromQLError(
                    "unexpected text in label set, expected \"=\"", at: token.span.lowerBound, of: bytes)
            }
            if token.kind == .comma {
                token = try lexer.next()
            } else if token.kind != .rightBrace {
                throw PromQLError(
                    "unexpected text in label set, expected \",\" or \"}\"", at: token.span.lowerBound, of: bytes)
            }
        }
        return (Labels(labels), token.span.upperBound)
    }

    /// Whether `rest` begins with `{`; behind a name also with blanks before it, unless it is the `{{` of a histogram.
    private static func opensLabels(_ rest: ArraySlice<UInt8>, behindName: Bool) -> Bool {
        let behindBlanks = behindName ? rest.drop { $0 == " " || $0 == "\t" } : rest
        let brace = UInt8(ascii: "{")
        guard behindBlanks.first == brace else { return false }
        return behindBlanks.startIndex == rest.startIndex || behindBlanks.dropFirst().first != brace
    }
}
