import Foundation
import Synchronization

/// Adds up what the files of a directory take from the disk, over and over, on a thread of its own.
final class FileWatcher: Sendable {
    private struct State {
        var most: UInt64 = 0
        var samples = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    init(_ path: String) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopped }) {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                var total: UInt64 = 0
                var status = stat()
                for name in names where lstat(path + "/" + name, &status) == 0 {
                    total += UInt64(status.st_blocks) * 512
                }
                state.withLock {
                    $0.most = max($0.most, total)
                    $0.samples += 1
                }
                usleep(200)
            }
        }
    }

    func stop() -> (most: UInt64, samples: Int) {
        state.withLock {
            $0.isStopped = true
            return ($0.most, $0.samples)
        }
    }
}
