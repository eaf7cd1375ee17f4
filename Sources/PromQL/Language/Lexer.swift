/// Cuts a query's bytes into tokens, one at a time.
struct Lexer {
    let text: [UInt8]
    private(set) var position = 0
    /// Whether the tokens to come stand in brackets, where a colon is not part of a name.
    var isInBrackets = false

    init(_ text: [UInt8]) { self.text = text }

    /// The next token; `.end` again and again once the text is used up.
    mutating func next() throws(PromQLError) -> Token {
        skipBlanksAndComments()
        let start = position
        guard let byte = peek() else { return Token(kind: .end, span: start..<start) }
        switch byte {
        case "0"..."9": return try numberOrDuration()
        case "." where isDigit(peek(1)): return try numberOrDuration()
        case ":" where isInBrackets:
            position += 1
            return Token(kind: .colon, span: start..<position)
        case "a"..."z", "A"..."Z", "_", ":": return identifier()
        case "\"", "'", "`":
            let string = try StringLiteral.read(text, at: start)
            position = string.end
            return Token(kind: .string(string.value), span: start..<position)
        default:
            guard let (kind, length) = symbol(byte, followedBy: peek(1)) else { throw unexpectedCharacter() }
            position += length
            return Token(kind: kind, span: start..<position)
        }
    }

    private func symbol(_ byte: UInt8, followedBy next: UInt8?) -> (Token.Kind, Int)? {
        let isBeforeEqual = next.map { $0 == "=" } ?? false
        let isBeforeTilde = next.map { $0 == "~" } ?? false
        let isBeforeSlash = next.map { $0 == "/" } ?? false
        return switch byte {
        case "=": isBeforeEqual ? (.equal, 2) : isBeforeTilde ? (.matches, 2) : (.assign, 1)
        case "!": isBeforeEqual ? (.notEqual, 2) : isBeforeTilde ? (.doesNotMatch, 2) : nil
        case "<": isBeforeEqual ? (.lessOrEqual, 2) : isBeforeSlash ? (.trimUpper, 2) : (.less, 1)
        case ">": isBeforeEqual ? (.greaterOrEqual, 2) : isBeforeSlash ? (.trimLower, 2) : (.greater, 1)
        case "+": (.plus, 1)
        case "-": (.minus, 1)
        case "*": (.times, 1)
        case "/": (.divided, 1)
        case "%": (.modulo, 1)
        case "^": (.power, 1)
        case "(": (.leftParenthesis, 1)
        case ")": (.rightParenthesis, 1)
        case "{": (.leftBrace, 1)
        case "}": (.rightBrace, 1)
        case "[": (.leftBracket, 1)
        case "]": (.rightBracket, 1)
        case ",": (.comma, 1)
        case "@": (.at, 1)
        default: nil
        }
    }

    private func unexpectedCharacter() -> PromQLError {
        // The bytes are valid UTF-8, as they come from a String; four bytes hold any scalar.
        let scalar = String(decoding: text[position..<min(position + 4, text.count)], as: UTF8.self).unicodeScalars
            .first
        let shown = scalar.map(String.init) ?? ""
        let hint = scalar?.isASCII == false ? "; a name with such characters is quoted, inside braces: {\"…\"}" : ""
        return PromQLError("unexpected character: '\(shown)'\(hint)", at: position, of: text)
    }

    private mutating func skipBlanksAndComments() {
        while let byte = peek() {
            switch byte {
            case " ", "\t", "\n", "\r": position += 1
            case "#": while let other = peek(), !(other == "\n") { position += 1 }
            default: return
            }
        }
    }

    private mutating func identifier() -> Token {
        let start = position
        while let byte = peek(), Lexer.isIdentifierByte(byte), !(isInBrackets && byte == ":") { position += 1 }
        return Token(kind: .identifier, keyword: Keyword.find(text[start..<position]), span: start..<position)
    }

    /// Whether a parenthesis opens behind the token that was read last.
    var isBeforeParenthesis: Bool {
        var ahead = self
        ahead.skipBlanksAndComments()
        return ahead.peek().map { $0 == "(" } ?? false
    }

    private mutating func numberOrDuration() throws(PromQLError) -> Token {
        let start = position
        // All that could belong to a number or duration is taken, and judged as a whole: `5mx` is one wrong word, not two.
        while let byte = peek() {
            let isSign = byte == "+" || byte == "-"
            let isInExponent = isSign && position > start && text[position - 1] | 0x20 == "e" && isDigit(peek(1))
            if isInExponent, NumberLiteral.isDecimal(text[start..<(position - 1)]) {
                position += 1
            } else if byte == "." || Lexer.isIdentifierByte(byte) && !(byte == ":") {
                position += 1
            } else {
                break
            }
        }
        let word = text[start..<position]
        if let number = NumberLiteral.parse(word) {
            guard number.isFinite else {
                throw PromQLError("this number is too large for 64 bits", at: start, of: text)
            }
            return Token(kind: .number(number), span: start..<position)
        }
        switch PromQLDuration.read(word) {
        case .success(let milliseconds):
            return Token(kind: .duration(milliseconds: milliseconds), span: start..<position)
        case .failure(let fault):
            let shown = String(decoding: word.prefix(40), as: UTF8.self)
            throw PromQLError("bad number or duration syntax: \"\(shown)\": \(fault.reason)", at: start, of: text)
        }
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < text.count ? text[position + offset] : nil
    }

    private func isDigit(_ byte: UInt8?) -> Bool {
        byte.map { "0"..."9" ~= $0 } ?? false
    }

    static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
        default: false
        }
    }
}
