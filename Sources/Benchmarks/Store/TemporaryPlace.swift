import Foundation

/// The one directory that a benchmark writes to. Gone when it ends, and when it is interrupted.
final class TemporaryPlace {
    let path: String
    private let interruptions: [any DispatchSourceSignal]

    /// Makes a directory in `parent`, which must be there.
    init(in parent: String) throws {
        let path = parent + "/quantrac-bench-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        self.path = path
        interruptions = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                ChildProcess.killAll()
                TemporaryPlace.remove(path)
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// A directory of its own for a store or a peer, removed after `body`.
    func with<T>(_ name: String, _ body: (_ path: String) throws -> T) throws -> T {
        let directory = file(name)
        defer { TemporaryPlace.remove(directory) }
        return try body(directory)
    }

    func remove() { TemporaryPlace.remove(path) }

    /// Bytes that may still be written here.
    var freeBytes: UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    /// A child that was killed a moment ago may still be making files.
    static func remove(_ path: String) {
        for _ in 0..<50 {
            try? FileManager.default.removeItem(atPath: path)
            guard FileManager.default.fileExists(atPath: path) else { return }
            usleep(20_000)
        }
    }
}

/// Bytes of the files under `path`: their lengths, or what they take from the disk.
func directoryBytes(_ path: String, allocated: Bool) -> UInt64 {
    var total: UInt64 = 0
    var status = stat()
    if allocated, lstat(path, &status) == 0 { total += UInt64(status.st_blocks) * 512 }
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] {
        guard lstat(path + "/" + name, &status) == 0 else { continue }
        if allocated {
            total += UInt64(status.st_blocks) * 512
        } else if status.st_mode & S_IFMT == S_IFREG {
            total += UInt64(status.st_size)
        }
    }
    return total
}
