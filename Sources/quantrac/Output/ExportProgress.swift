import Foundation

/// How far an export is, on standard error, if that is a terminal and standard output is not.
struct ExportProgress {
    let texts: Texts
    private let isShown = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) != 1
    private let begin = ContinuousClock.now
    private var shown = ContinuousClock.now
    private var lines: UInt64 = 0
    private var bytes: UInt64 = 0

    init(texts: Texts) {
        self.texts = texts
    }

    mutating func count(_ piece: [UInt8]) {
        guard isShown else { return }
        bytes += UInt64(piece.count)
        lines += piece.reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
        let now = ContinuousClock.now
        if now - shown >= .milliseconds(250) {
            shown = now
            show(end: "")
        }
    }

    /// Shows the end, on a line that stays.
    func finish() {
        if isShown { show(end: "\n") }
    }

    private func show(end: String) {
        let (seconds, attoseconds) = (ContinuousClock.now - begin).components
        let elapsed = max(0.001, Double(seconds) + Double(attoseconds) / 1e18)
        let rate = NumberText.bytes(UInt64(Double(bytes) / elapsed))
        let text = texts(.exported(lines: lines, bytes: NumberText.bytes(bytes), perSecond: rate))
        // Back to the first column, and the rest of the line cleared (ECMA-48 EL).
        try? StandardOutput.error.write("\r\u{1B}[K" + text + end)
    }
}
