import Glibc

/// How far it is, once a second, on a terminal only.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now

    /// - Parameter fraction: how much is done, 0 … 1; nil if there is no end.
    mutating func show(_ count: Int, fraction: Double?) {
        guard isTerminal else { return }
        let now = ContinuousClock.now
        guard now - last >= .milliseconds(200) else { return }
        last = now
        let elapsed = (now - start) / .seconds(1)
        guard let fraction else { return tell("\r\(count) messages, \(text(elapsed, 0)) s ") }
        let width = 30
        let done = min(width, max(0, Int(fraction * Double(width))))
        let bar = String(repeating: "#", count: done) + String(repeating: "-", count: width - done)
        let left = fraction > 0.001 ? ", \(text(elapsed / fraction - elapsed, 0)) s to go" : ""
        tell("\r[\(bar)] \(text(100 * fraction, 1)) %, \(count) messages\(left)   ")
    }
}

/// Writes to standard error, unbuffered.
func tell(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
