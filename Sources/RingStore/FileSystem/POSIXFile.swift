import CPageCache
import Glibc

/// A real file, read with `pread` and written with `pwrite`.
final class POSIXFile: StorageFile {
    private let descriptor: Int32
    private let path: String

    /// Takes over `descriptor` and closes it in the end.
    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func length() throws(FileError) -> UInt64 {
        UInt64(max(0, try status().st_size))
    }

    func allocatedBytes() throws(FileError) -> UInt64 {
        UInt64(max(0, try status().st_blocks)) * 512
    }

    private func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("fstat", errno) }
        return status
    }

    func preallocate(_ length: UInt64) throws(FileError) {
        guard let end = off_t(exactly: length) else { throw failure("posix_fallocate", EFBIG) }
        guard end > 0 else { return }
        var code: Int32
        repeat { code = posix_fallocate(descriptor, 0, end) } while code == EINTR
        guard code == 0 else { throw failure("posix_fallocate", code) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                off_t(clamping: offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("pread", errno)
            }
            if count == 0 { throw failure("pread", 0) }
            done += count
        }
    }

    func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Bool {
        quantrac_read_cached(descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
                off_t(clamping: offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("pwrite", errno)
            }
            if count == 0 { throw failure("pwrite", ENOSPC) }
            done += count
        }
    }

    func sync() throws(FileError) {
        // Not repeated on EINTR either: after any failure the pages may be marked clean.
        guard fdatasync(descriptor) == 0 else { throw failure("fdatasync", errno) }
    }

    private func failure(_ operation: String, _ code: Int32) -> FileError {
        FileError(operation: operation, path: path, code: code)
    }
}
