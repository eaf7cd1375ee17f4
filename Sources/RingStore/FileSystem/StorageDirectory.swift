/// The one directory in which a store lives: everything that the store asks of a file system.
///
/// A protocol, so that tests can put a simulated disk with power cuts, torn writes and full disks in its place. All
/// calls may block. Implementations must be usable from several threads at once.
public protocol StorageDirectory: Sendable {
    /// Where it is, for messages.
    var path: String { get }

    /// Opens the file `name` for reading and writing; nil if there is none.
    func open(_ name: String) throws(FileError) -> (any StorageFile)?

    /// Makes the file `name`, empty; one that exists is emptied.
    ///
    /// The new name survives a power cut only after `sync()`.
    func create(_ name: String) throws(FileError) -> any StorageFile

    /// Makes the names of created files durable (`fsync` of the directory).
    func sync() throws(FileError)

    /// Bytes that an ordinary process may still allocate on this file system.
    func freeBytes() throws(FileError) -> UInt64

    /// Takes the directory for this process alone, for as long as the lock lives and is not released.
    ///
    /// - Throws: `FileError` with `isLockedByAnother` if somebody else has it.
    func lock() throws(FileError) -> any DirectoryLock
}

/// An exclusive claim on a directory. Given back by `release()`, or when the last reference to it is gone.
public protocol DirectoryLock: AnyObject, Sendable {
    func release()
}

/// An open file: positioned reads and writes only, so that readers and the writer share no file position.
public protocol StorageFile: AnyObject, Sendable {
    /// The file's length in bytes.
    func length() throws(FileError) -> UInt64

    /// The bytes that the file takes from the disk, which may be fewer or more than its length.
    func allocatedBytes() throws(FileError) -> UInt64

    /// Makes the file `length` bytes long and reserves the disk space for all of it; new bytes read as zero.
    /// Never shortens.
    func preallocate(_ length: UInt64) throws(FileError)

    /// Fills `buffer` from `offset`.
    ///
    /// - Throws: also if the file ends before the buffer is full.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError)

    /// Fills `buffer` from `offset`, if that takes no waiting for the disk. False if it may.
    func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Bool

    /// Writes all of `bytes` at `offset`. Durable only after `sync()`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError)

    /// Makes everything written so far durable (`fdatasync`).
    ///
    /// After it has thrown, what was written since the last success may be lost although a second call succeeds
    /// (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020): write it anew, never only sync
    /// again.
    func sync() throws(FileError)
}

extension StorageFile {
    /// For files of which nobody knows what is in memory.
    public func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Bool { false }

    /// `count` bytes from `offset`; nil if they may have to be waited for.
    func cachedBytes(_ count: Int, at offset: UInt64) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let whole = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
            initialized = readCached(into: whole, at: offset) ? count : 0
        }
        return bytes.count == count ? bytes : nil
    }

    /// `count` bytes from `offset`.
    ///
    /// Tried three times: what a disk could not read once it often can the next time, and giving up means to take what
    /// is there for lost.
    func bytes(_ count: Int, at offset: UInt64) throws(FileError) -> [UInt8] {
        do throws(FileError) {
            return try bytesOnce(count, at: offset)
        } catch {
            if error.isEndOfFile { throw error }
        }
        do throws(FileError) {
            return try bytesOnce(count, at: offset)
        } catch {
            return try bytesOnce(count, at: offset)
        }
    }

    private func bytesOnce(_ count: Int, at offset: UInt64) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(FileError) {
                let whole = UnsafeMutableRawBufferPointer(buffer)
                try read(into: UnsafeMutableRawBufferPointer(rebasing: whole[..<count]), at: offset)
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

/// Of what nobody else can write.
final class NoLock: DirectoryLock {
    func release() {}
}
