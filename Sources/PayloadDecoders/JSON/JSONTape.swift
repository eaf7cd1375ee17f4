/// Room for a text's tokens, reused from message to message.
struct JSONTape: Sendable {
    private var tokens: [JSONToken] = []
    /// What is kept between messages; a bridge's whole inventory is rare.
    private static let keptTokens = 16_384

    /// Scans `bytes` and calls `body` with the outermost value.
    ///
    /// - Throws: why it is no JSON.
    mutating func read<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (JSONValue) -> Result
    ) throws(JSONFault) -> Result {
        var scanner = JSONScanner(bytes, tokens: tokens)
        tokens = []
        defer { tokens = scanner.tokens.capacity <= JSONTape.keptTokens ? scanner.tokens : [] }
        try scanner.scan()
        return scanner.tokens.withUnsafeBufferPointer { body(JSONValue(bytes: bytes, tokens: $0, index: 0)) }
    }
}
