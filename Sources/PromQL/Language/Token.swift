/// What the lexer cuts a query into.
struct Token {
    enum Kind: Equatable {
        case end
        /// A metric or label name, a function's name or a keyword: only the parser can tell.
        case identifier
        case number(Double)
        /// `1h30m`; stands wherever a number of seconds may stand.
        case duration(milliseconds: Int64)
        case string(String)
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        case comma, at
        /// Between the range and the step of a subquery; anywhere else a colon is part of a name.
        case colon
        case plus, minus, times, divided, modulo, power
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        /// `</` and `>/`, which cut native histograms.
        case trimUpper, trimLower
        /// `=`, `=~` and `!~` stand in braces only; `!=` stands in both places.
        case assign, matches, doesNotMatch
    }

    let kind: Kind
    /// What an identifier may mean beside a name.
    var keyword: Keyword?
    /// Byte offsets in the query's UTF-8 form.
    let span: Range<Int>
}
