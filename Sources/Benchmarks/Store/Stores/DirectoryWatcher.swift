import Foundation
import Synchronization

/// Looks at a directory's size over and over, on a thread of its own.
final class DirectoryWatcher: Sendable {
    private struct State {
        var most: UInt64 = 0
        var samples = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    init(_ path: String) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopped }) {
                let bytes = directoryBytes(path, allocated: true)
                state.withLock {
                    $0.most = max($0.most, bytes)
                    $0.samples += 1
                }
                usleep(500)
            }
            ended.signal()
        }
    }

    /// Ends the watch, and gives the largest size that was seen, in bytes, and how often it was looked.
    func stop() -> (most: UInt64, samples: Int) {
        state.withLock { $0.isStopped = true }
        ended.wait()
        return state.withLock { ($0.most, $0.samples) }
    }
}
