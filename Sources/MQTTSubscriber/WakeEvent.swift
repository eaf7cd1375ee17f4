import Glibc

/// A pipe to oneself: lets other threads wake the one that waits in `poll`.
final class WakeEvent: Sendable {
    /// Readable once `signal` was called, until `clear`.
    let descriptor: Int32
    private let writeEnd: Int32

    /// - Throws: if the process has no file descriptor left.
    init() throws(SubscriberError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .noDescriptor(errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe means that the waiter has been woken already.
        _ = write(writeEnd, &byte, 1)
    }

    func clear() {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while read(descriptor, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }
}
