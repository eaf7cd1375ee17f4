import Glibc

/// Says what was under way when the process traps, which is a failure of what is tried like any other.
///
/// A handler of such a signal may do little: the texts are ready in memory that was taken before, and `write` is all.
package enum LastWords {
    private static let slotBytes = 160
    // Each worker writes its own slot; the handler only reads, at a moment when the process is lost anyway.
    nonisolated(unsafe) private static var slots = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    /// To be called before anything is tried, once.
    package static func prepare(workers: Int) {
        slots = .allocate(capacity: workers * slotBytes)
        slots.initialize(repeating: 0)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] {
            signal(number) { number in
                LastWords.say()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// What replays what a worker tries now; empty if it tries nothing.
    package static func note(_ command: String, worker: Int) {
        let slot = slots[(worker * slotBytes)..<((worker + 1) * slotBytes)]
        let text = Array((command.isEmpty ? "" : "the process died; replay: \(command)\n").utf8.prefix(slotBytes - 1))
        for (offset, index) in slot.indices.enumerated() { slots[index] = offset < text.count ? text[offset] : 0 }
    }

    private static func say() {
        guard let base = slots.baseAddress else { return }
        var start = 0
        while start < slots.count {
            let slot = base + start
            _ = write(
                STDERR_FILENO, slot, strnlen(UnsafeRawPointer(slot).assumingMemoryBound(to: CChar.self), slotBytes))
            start += slotBytes
        }
    }
}
