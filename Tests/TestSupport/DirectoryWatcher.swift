import Foundation
import Synchronization

/// Adds up what a directory takes from the disk, over and over, on a thread of its own.
public final class DirectoryWatcher: Sendable {
    private struct State {
        var most: UInt64 = 0
        var samples = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    /// - Parameter filesOnly: whether the directory itself is left out.
    public init(_ path: String, filesOnly: Bool = false) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopped }) {
                let bytes = DirectoryWatcher.allocatedBytes(path, filesOnly: filesOnly)
                state.withLock {
                    $0.most = max($0.most, bytes)
                    $0.samples += 1
                }
                usleep(200)
            }
        }
    }

    /// The most bytes that were seen at once, and how often was looked.
    public func stop() -> (most: UInt64, samples: Int) {
        state.withLock {
            $0.isStopped = true
            return ($0.most, $0.samples)
        }
    }

    private static func allocatedBytes(_ path: String, filesOnly: Bool) -> UInt64 {
        var total: UInt64 = 0
        var status = stat()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let files = names.map { path + "/" + $0 } + (filesOnly ? [] : [path])
        for file in files where lstat(file, &status) == 0 { total += UInt64(status.st_blocks) * 512 }
        return total
    }
}
