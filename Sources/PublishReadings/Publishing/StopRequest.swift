import Glibc
import Synchronization

/// Whether somebody has asked this program to end, by Ctrl-C or SIGTERM.
enum StopRequest {
    private static let requested = Atomic(false)

    static var isMade: Bool { requested.load(ordering: .relaxed) }

    /// From now on both signals are heeded, even if the parent had them ignored.
    static func listen() {
        // Initialised here, so that the handler does no more than store.
        requested.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in StopRequest.requested.store(true, ordering: .relaxed) }
        }
    }
}
