/// Puts a backup where a daemon will open it.
public enum StoreRestore {
    private static let pieceBytes = 1 << 20

    /// Copies the store in `backup` and what lies beside it into `target`, which must hold none and be used by nobody, at its
    /// full size.
    ///
    /// The superblock is written last: a restore that is broken off leaves no store. What is damaged in the backup is copied as
    /// it is: it costs no more than itself.
    public static func restore(
        from backup: any StorageDirectory, to target: any StorageDirectory,
        progress: (_ bytes: UInt64, _ of: UInt64) -> Void = { _, _ in }
    ) throws(BackupError) {
        let lock: any DirectoryLock
        do throws(FileError) {
            lock = try target.lock()
        } catch {
            throw error.isLockedByAnother ? .inUse(path: target.path) : .fileSystem(error)
        }
        defer { lock.release() }
        var sources: [(name: String, file: any StorageFile)] = []
        for name in StoreFiles.Name.ofBackup {
            let file = try BackupError.wrapping { () throws(FileError) in try backup.open(name) }
            if let file { sources.append((name, file)) }
        }
        var all: UInt64 = 0
        for (name, file) in sources {
            let (present, length) = try BackupError.wrapping { () throws(FileError) in
                (try target.open(name) != nil, try file.length())
            }
            guard !present else { throw .notEmpty(path: target.path) }
            all += length
        }
        let free = try BackupError.wrapping { () throws(FileError) in try target.freeBytes() }
        guard free >= all else { throw .noRoom(path: target.path, needed: all, free: free) }
        var done: UInt64 = 0
        try BackupError.wrapping { () throws(FileError) in
            for (name, file) in sources {
                try copy(file, to: try target.create(name), name) { bytes in
                    done += bytes
                    progress(done, all)
                }
            }
            try target.sync()
        }
    }

    private static func copy(
        _ source: any StorageFile, to target: any StorageFile, _ name: String, _ progress: (UInt64) -> Void
    ) throws(FileError) {
        let length = try source.length()
        try target.preallocate(length)
        var offset: UInt64 = 0
        while offset < length {
            let bytes = try source.readableBytes(Int(min(UInt64(pieceBytes), length - offset)), at: offset)
            // The log is written throughout, as in a new store: a sync of it must change no books of the file system.
            if name == StoreFiles.Name.log || bytes.contains(where: { $0 != 0 }) {
                var failure: FileError?
                bytes.withUnsafeBytes { bytes in
                    do throws(FileError) { try target.write(bytes, at: offset) } catch { failure = error }
                }
                if let failure { throw failure }
            }
            offset += UInt64(bytes.count)
            progress(UInt64(bytes.count))
        }
        try target.sync()
    }
}
