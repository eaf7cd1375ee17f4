import Glibc

/// Says which seeds were under way when the process traps, which is a failure of the store like any other.
///
/// A handler of such a signal may do little: the texts are ready in memory that was taken before, and `write` is all.
enum LastWords {
    private static let slotBytes = 96
    // Each worker writes its own slot; the handler only reads, at a moment when the process is lost anyway.
    nonisolated(unsafe) private static var slots = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    static func prepare(workers: Int) {
        slots = .allocate(capacity: workers * slotBytes)
        slots.initialize(repeating: 0)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            signal(number) { number in
                LastWords.say()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    static func note(_ command: String, worker: Int) {
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
