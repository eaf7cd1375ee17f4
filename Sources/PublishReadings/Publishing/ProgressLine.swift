import Glibc

/// How far it is, once a second, on a terminal only.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now

    mutating func show(_ count: Int) {
        guard isTerminal else { return }
        let now = ContinuousClock.now
        guard now - last >= .seconds(1) else { return }
        last = now
        tell("\r\(count) messages, \((now - start).components.seconds) s ")
    }
}

/// Writes to standard error, unbuffered.
func tell(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
