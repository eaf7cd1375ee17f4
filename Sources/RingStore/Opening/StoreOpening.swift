import Glibc

/// Opens a store: takes the directory, makes or finds the files, and has `Recovery` read them.
enum StoreOpening {
    /// What a writer begins with.
    struct Opened {
        var options: StoreOptions
        var geometry: StoreGeometry
        var shared: SharedStore
        var files: StoreFiles
        var log: RingLog
        var catalogueFile: CatalogueFile
        var state: StoreState
        var identities: IdentityWindow
        var unfiledRecords: [CatalogueChange]
        var nextSegment: UInt64
        /// Slots with segments that never counted.
        var staleSlots: [UInt32] = []
        /// Whether everything that was found is known to be on the disk, and not only in the kernel's memory.
        var isSettled: Bool
    }

    /// - Parameter settling: whether what is found in the log is made durable before anything more is acknowledged.
    static func open(
        _ directory: any StorageDirectory, _ options: StoreOptions, settling: Bool = true
    ) throws(StoreError) -> sending StoreWriter {
        guard options.memoryBudget >= StoreOptions.leastMemoryBudget else {
            throw .memoryBudgetTooSmall(given: options.memoryBudget, least: StoreOptions.leastMemoryBudget)
        }
        let lock: any DirectoryLock
        do throws(FileError) {
            lock = try directory.lock()
        } catch {
            throw error.isLockedByAnother ? .locked(path: directory.path) : .fileSystem(error)
        }
        let damage = DamageLog()
        let (files, superblock) = try openFiles(directory, options, damage)
        let opened = try StoreError.wrapping { () throws(FileError) in
            try Recovery(files: files, superblock: superblock, options: options, damage: damage).run(lock: lock)
        }
        let writer = StoreWriter(opened)
        // Frames that were read may have been written by a process that was killed before its sync, or after a sync that
        // failed: a duplicate of theirs must not be acknowledged before they are surely on the disk.
        if settling, !opened.isSettled { try writer.settle() }
        writer.state.statistics.diskBudget = options.diskBudget
        writer.state.statistics.diskUsed = try StoreError.wrapping { () throws(FileError) in try files.allocatedBytes()
        }
        writer.publish()
        return writer
    }

    /// Opens a store of which no file can be changed. Every append is refused.
    static func openReadOnly(
        _ directory: any StorageDirectory, _ options: StoreOptions
    ) throws(StoreError) -> sending StoreWriter {
        let (isThere, refusal) = try StoreError.wrapping { () throws(FileError) in
            (
                try directory.open(StoreFiles.Name.superblock) != nil,
                FileError(operation: "mount", path: directory.path, code: EROFS)
            )
        }
        guard isThere else { throw .fileSystem(refusal) }
        let overlay = MemoryOverlay(directory)
        let writer = try open(overlay, options, settling: false)
        overlay.close()
        writer.state.statistics.writeError =
            "\(directory.path) is mounted read-only: make it writable, then start quantracd again"
        writer.publish()
        return writer
    }

    private static func openFiles(
        _ directory: any StorageDirectory, _ options: StoreOptions, _ damage: DamageLog
    ) throws(StoreError) -> (StoreFiles, Superblock) {
        let file = try StoreError.wrapping { () throws(FileError) in try directory.open(StoreFiles.Name.superblock) }
        guard let file, var superblock = try readSuperblock(file, directory, damage) else {
            let inUse = try StoreError.wrapping { () throws(FileError) in try StoreCreation.holdsReadings(directory) }
            if inUse { throw .superblockLost(path: directory.path) }
            return try StoreCreation.create(in: directory, options)
        }
        try fit(&superblock, file, directory, options)
        try raise(&superblock, file)
        let geometry = superblock.geometry
        let poolBytes = UInt64(geometry.segmentBytes) * UInt64(geometry.segmentCount)
        let files = try StoreError.wrapping { () throws(FileError) in
            // A process that was killed while it made the store may have left names that the disk does not know yet.
            try directory.sync()
            return StoreFiles(
                path: directory.path, superblock: file,
                log: try openFile(directory, StoreFiles.Name.log, geometry.logBytes, damage),
                pool: try openFile(directory, StoreFiles.Name.pool, poolBytes, damage),
                catalogue: try openFile(directory, StoreFiles.Name.catalogue, 2 * geometry.catalogueBytes, damage))
        }
        return (files, superblock)
    }

    /// The superblock of the highest generation; nil if there is none.
    private static func readSuperblock(
        _ file: any StorageFile, _ directory: any StorageDirectory, _ damage: DamageLog
    ) throws(StoreError) -> Superblock? {
        let copies = SuperblockCopies(file)
        if let version = copies.foreignVersion {
            let path = directory.path + "/" + StoreFiles.Name.superblock
            let known = Superblock.version
            throw version > known
                ? .newerFormat(path: path, version: version, known: known)
                : .olderFormat(path: path, version: version, known: known)
        }
        guard let best = copies.best else { return nil }
        let lost = copies.damaged
        if !lost.isEmpty || !copies.unfinished.isEmpty || copies.areMixed {
            damage.note(
                .superblock, count: lost.count, StoreFiles.Name.superblock, isLoss: false,
                "copies \(lost.map { $0 + 1 }) in file super; they were written anew from the others")
            try StoreError.wrapping { () throws(FileError) in
                try file.preallocate(UInt64(Superblock.fileBytes))
                try best.write(to: file)
            }
        }
        return best
    }

    /// Marks a store of an older format as one of this, before anything is written that an older program would take for damage.
    private static func raise(_ superblock: inout Superblock, _ file: any StorageFile) throws(StoreError) {
        guard superblock.format < Superblock.version else { return }
        var raised = superblock
        raised.format = Superblock.version
        raised.generation += 1
        try StoreError.wrapping { () throws(FileError) in try raised.write(to: file) }
        superblock = raised
    }

    /// Checks the budget, and lets the pool grow into a larger one.
    private static func fit(
        _ superblock: inout Superblock, _ file: any StorageFile, _ directory: any StorageDirectory,
        _ options: StoreOptions
    ) throws(StoreError) {
        if options.geometry != nil { return }
        let geometry = superblock.geometry
        guard geometry.totalBytes <= StoreGeometry.usable(of: options.diskBudget) else {
            throw .storeLargerThanBudget(
                path: directory.path, given: options.diskBudget, least: geometry.leastBudget)
        }
        let segments = geometry.segments(within: options.diskBudget)
        guard segments > geometry.segmentCount else { return }
        var larger = superblock
        larger.generation += 1
        larger.geometry.segmentCount = segments
        let added = larger.geometry.totalBytes - geometry.totalBytes
        do throws(FileError) {
            let free = try directory.freeBytes()
            if free < added { throw FileError(operation: "growing", path: directory.path, code: ENOSPC) }
            guard let pool = try directory.open(StoreFiles.Name.pool) else { return }
            try pool.preallocate(UInt64(geometry.segmentBytes) * UInt64(segments))
            try pool.sync()
            try larger.write(to: file)
            superblock = larger
        } catch {
            if error.isNoSpace {
                throw .noRoom(path: directory.path, needed: added, free: (try? directory.freeBytes()) ?? 0)
            }
            throw .fileSystem(error)
        }
    }

    /// Opens a file that must be there and have this length. What is missing is made again, empty, and reported.
    private static func openFile(
        _ directory: any StorageDirectory, _ name: String, _ length: UInt64, _ damage: DamageLog
    ) throws(FileError) -> any StorageFile {
        let found = try directory.open(name)
        let file: any StorageFile
        if let found { file = found } else { file = try directory.create(name) }
        let present = try file.length()
        guard present < length else { return file }
        if found == nil {
            damage.note(.file, name, "file \(name) is missing; it was made anew, empty: what it held is lost")
        } else {
            damage.note(.file, name, "file \(name) has \(present) of \(length) bytes; the end was made anew, empty")
        }
        try file.preallocate(length)
        try file.sync()
        try directory.sync()
        return file
    }
}
