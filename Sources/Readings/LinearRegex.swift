/// A regular expression in RE2's syntax that is matched in time linear in the text, whatever the expression.
///
/// PromQL's `=~` and rule files take expressions from whoever asks, so a backtracking matcher (Swift's own `Regex`) would
/// let a short expression hold a thread for years. This one walks a Thompson automaton: time is at most
/// states × text, memory is fixed when the expression is read.
///
/// The dialect is the one Prometheus 3 uses: Go's `regexp/syntax` with `.` matching line ends too (`(?s)`), without
/// back-references and look-around, which RE2 leaves out for the same reason. Lazy forms (`*?`) are read and mean the same
/// here, as only whole matches are asked for. `\p{…}` knows general categories (`\pL`, `\p{Lu}`), not scripts.
///
/// Texts are compared scalar by scalar: unlike Swift's `==`, the composed and the decomposed spelling of `ế` differ.
public struct LinearRegex: Sendable {
    /// The expression as it was given.
    public let source: String
    /// The UTF-8 with which every text begins that it matches whole; mostly empty.
    public let literalPrefix: [UInt8]
    private let matcher: Matcher

    private enum Matcher: Sendable {
        case shortcut(RegexShortcut)
        case program(RegexProgram)
    }

    /// How many states the automaton of one expression may have; `(a{1000}){1000}` must not fill the memory.
    public static let maximumStates = 10_000
    /// How deep groups may be nested: reading, compiling and freeing an expression recurse once a level.
    public static let maximumNesting = 200
    /// How often `{n,m}` may repeat, nested repetitions multiplied (RE2's limit).
    public static let maximumRepetition = 1000

    /// - Throws: `LinearRegexError` that tells where and why `source` is not an expression, or which limit it exceeds.
    public init(_ source: String) throws(LinearRegexError) {
        self.source = source
        if let words = RegexWords(source) {
            literalPrefix = words.commonPrefix
            matcher = .shortcut(.literals(words.sorted))
            return
        }
        let node = try RegexParser.parse(source)
        literalPrefix = node.literalPrefix
        if let shortcut = RegexShortcut(node) {
            matcher = .shortcut(shortcut)
        } else {
            matcher = .program(try RegexProgram(node, source: source))
        }
    }

    /// Whether the expression matches all of `text`, not only a part: what PromQL asks.
    public func matchesWhole(_ text: String) -> Bool {
        switch matcher {
        case .shortcut(let shortcut):
            var text = text
            return text.withUTF8 { shortcut.matchesWhole($0) }
        case .program(let program): return program.matchesWhole(text)
        }
    }

    /// The same of UTF-8 that is nowhere a `String` yet.
    public func matchesWhole(_ text: UnsafeRawBufferPointer) -> Bool {
        switch matcher {
        case .shortcut(let shortcut): text.withMemoryRebound(to: UInt8.self) { shortcut.matchesWhole($0) }
        case .program(let program): program.matchesWhole(String(decoding: text, as: UTF8.self))
        }
    }

    /// Whether matching a text costs no more than looking at it.
    public var isShortcut: Bool { if case .shortcut = matcher { true } else { false } }
}

/// Why a text is no regular expression that Quantrac can match.
public struct LinearRegexError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The whole expression.
    public let source: String
    /// Where in `source` the trouble begins: characters (Unicode scalars) before it.
    public let offset: Int
    /// What is wrong, and what to write instead where that is known.
    public let reason: String

    public init(source: String, offset: Int, reason: String) {
        self.source = source
        self.offset = offset
        self.reason = reason
    }

    public var description: String {
        let shown = source.unicodeScalars.count > 80 ? String(source.unicodeScalars.prefix(80)) + "…" : source
        return "regular expression \"\(shown)\", character \(offset + 1): \(reason)"
    }
}
