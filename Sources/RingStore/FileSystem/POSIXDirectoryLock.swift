import Glibc
import Synchronization

/// `flock` on a directory. The kernel gives it back when the process dies, however it dies.
final class POSIXDirectoryLock: DirectoryLock {
    private let descriptor: Mutex<Int32?>

    init(descriptor: Int32) {
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    func release() {
        let taken = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let taken { close(taken) }
    }
}
