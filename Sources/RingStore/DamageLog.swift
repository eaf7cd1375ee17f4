import Synchronization

/// What was found damaged: counted once each, with the last one in words. Thread-safe.
final class DamageLog: Sendable {
    struct Report: Sendable {
        var chunks: UInt64 = 0
        var frames: UInt64 = 0
        var last: String?
    }

    private struct State {
        var report = Report()
        /// Places that were counted, so that a query that runs each minute does not count them each minute.
        var seen: Set<[UInt64]> = []
    }

    private static let mostSeen = 4096
    private let state = Mutex(State())

    var report: Report { state.withLock { $0.report } }

    func chunk(segment: UInt64, offset: UInt32, _ what: @autoclosure () -> String) {
        state.withLock { state in
            guard state.seen.count < DamageLog.mostSeen, state.seen.insert([segment, UInt64(offset)]).inserted else {
                return
            }
            state.report.chunks += 1
            state.report.last = what()
        }
    }

    /// Something else than a chunk, found once.
    func frame(count: Int = 1, _ what: @autoclosure () -> String) {
        guard count > 0 else { return }
        state.withLock { state in
            state.report.frames += UInt64(count)
            state.report.last = what()
        }
    }
}
