/// Room for a text's tokens, reused from message to message.
struct JSONTape: Sendable {
    private var tokens: [JSONToken] = []
    private var count = 0
    /// What is kept between messages; a bridge's whole inventory is rare.
    private static let keptTokens = 16_384
    private static let leastTokens = 128

    /// Scans `bytes`, so that `withValue` can show what they hold.
    ///
    /// - Throws: why it is no JSON.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, keys: inout FieldKeyTable) throws(JSONFault) {
        count = 0
        let needed = JSONScanner.tokensNeeded(for: bytes)
        if tokens.count < needed || tokens.count > max(needed, JSONTape.keptTokens) {
            let unused = JSONToken(.null, start: 0)
            tokens = []
            tokens = Array(repeating: unused, count: max(needed, JSONTape.leastTokens))
        }
        count = try tokens.withUnsafeMutableBufferPointer { (room) throws(JSONFault) -> Int in
            var scanner = JSONScanner(bytes, into: room)
            try scanner.scan(keys: &keys)
            return scanner.count
        }
    }

    /// Calls `body` with the outermost value of the text that was scanned last, unless that was no JSON.
    ///
    /// - Parameter bytes: the text.
    @discardableResult
    func withValue<Result>(of bytes: UnsafeRawBufferPointer, _ body: (JSONValue) -> Result) -> Result? {
        guard count > 0 else { return nil }
        return tokens.withUnsafeBufferPointer { room in
            body(JSONValue(bytes: bytes, tokens: UnsafeBufferPointer(rebasing: room[..<count]), index: 0))
        }
    }
}
