import Foundation

/// What the place that standard output goes to can show.
struct Terminal: Sendable, Equatable {
    var isTTY: Bool
    /// Columns; 80 where nobody can tell.
    var width: Int
    /// Rows; 24 where nobody can tell.
    var height: Int
    /// Whether box, block and braille characters may be used.
    var isUTF8: Bool
    var hasColours: Bool

    /// Neither colours nor a width to keep: a pipe or a file.
    static let pipe = Terminal(isTTY: false, width: 80, height: 24, isUTF8: true, hasColours: false)

    /// The terminal behind `descriptor`. Colours follow `NO_COLOR` (no-color.org) and `TERM=dumb`.
    static func behind(_ descriptor: Int32, environment: [String: String]) -> Terminal {
        let isTTY = isatty(descriptor) == 1
        var size = winsize()
        if !isTTY || ioctl(descriptor, UInt(TIOCGWINSZ), &size) != 0 { size = winsize() }
        return Terminal(
            isTTY: isTTY,
            width: extent(Int(size.ws_col), environment["COLUMNS"], otherwise: 80),
            height: extent(Int(size.ws_row), environment["LINES"], otherwise: 24),
            isUTF8: Language.isUTF8(environment: environment),
            hasColours: isTTY && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb")
    }

    private static func extent(_ told: Int, _ variable: String?, otherwise: Int) -> Int {
        if told > 0 { return told }
        guard let variable, let number = Int(variable), (1...10_000).contains(number) else { return otherwise }
        return number
    }
}

/// What a piece of text means, and so how it is coloured where there are colours.
enum Tone: Sendable {
    case plain, strong, faint, good, warning, bad, line

    /// `text` between the SGR sequences of ECMA-48 §8.3.117, or as it is.
    func paint(_ text: String, colours: Bool) -> String {
        guard colours, !text.isEmpty, let code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: String? {
        switch self {
        case .plain: nil
        case .strong: "1"
        case .faint: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "1;31"
        case .line: "36"
        }
    }
}
