/// Makes a store where there is none.
enum StoreCreation {
    /// Makes and fills all files, the superblock last: without it there is no store, and the next start begins anew.
    static func create(
        in directory: any StorageDirectory, _ options: StoreOptions
    ) throws(StoreError) -> (files: StoreFiles, superblock: Superblock) {
        let geometry: StoreGeometry
        if let chosen = options.geometry {
            geometry = chosen
        } else {
            geometry = try StoreGeometry(diskBudget: options.diskBudget, memoryBudget: options.memoryBudget)
        }
        let (free, present) = try StoreError.wrapping { () throws(FileError) in
            (try directory.freeBytes(), try presentBytes(in: directory))
        }
        let available = free.addingReportingOverflow(present)
        guard available.overflow || available.partialValue >= geometry.totalBytes else {
            throw .noRoom(path: directory.path, needed: geometry.totalBytes, free: available.partialValue)
        }
        do throws(FileError) {
            let superblock = Superblock(store: .random(in: 1 ... .max), generation: 1, geometry: geometry)
            let log = try directory.create(StoreFiles.Name.log)
            try log.preallocate(geometry.logBytes)
            try fillWithZeros(log, geometry.logBytes)
            try log.sync()
            try writeFirstCheckpoint(log, superblock)
            let catalogue = try directory.create(StoreFiles.Name.catalogue)
            try catalogue.preallocate(2 * geometry.catalogueBytes)
            try catalogue.sync()
            let pool = try directory.create(StoreFiles.Name.pool)
            try pool.preallocate(UInt64(geometry.segmentBytes) * UInt64(geometry.segmentCount))
            try pool.sync()
            try directory.sync()
            let file = try directory.create(StoreFiles.Name.superblock)
            try file.preallocate(UInt64(Superblock.fileBytes))
            try superblock.write(to: file)
            try directory.sync()
            return (
                StoreFiles(path: directory.path, superblock: file, log: log, pool: pool, catalogue: catalogue),
                superblock
            )
        } catch {
            if error.isNoSpace {
                throw .noRoom(
                    path: directory.path, needed: geometry.totalBytes, free: (try? directory.freeBytes()) ?? 0)
            }
            throw .fileSystem(error)
        }
    }

    /// What an unfinished creation left, which will be used again.
    private static func presentBytes(in directory: any StorageDirectory) throws(FileError) -> UInt64 {
        var bytes: UInt64 = 0
        for name in [StoreFiles.Name.log, StoreFiles.Name.catalogue, StoreFiles.Name.pool, StoreFiles.Name.superblock] {
            bytes += try directory.open(name)?.allocatedBytes() ?? 0
        }
        return bytes
    }

    /// The log is written over again and again: blocks that have been written once need no change of the file system's
    /// own books at each sync, which would cost several times as much as the frame.
    private static func fillWithZeros(_ file: any StorageFile, _ length: UInt64) throws(FileError) {
        var zeros = ByteWriter(capacity: 1 << 20)
        zeros.appendZeros(1 << 20)
        var offset: UInt64 = 0
        while offset < length {
            let count = Int(min(UInt64(zeros.count), length - offset))
            try file.write(UnsafeRawBufferPointer(rebasing: zeros.bytes[..<count]), at: offset)
            offset += UInt64(count)
        }
    }

    private static func writeFirstCheckpoint(_ file: any StorageFile, _ superblock: Superblock) throws(FileError) {
        var image = ByteWriter(capacity: Frame.block)
        let payload = CheckpointPayload(
            first: 1, previous: 0, newestSegment: 0, held: StoreState().held(newest: 0), seriesCount: 0, shapeCount: 0,
            identities: [])
        for sequence in UInt64(1)...2 {
            Frame.begin(&image)
            payload.append(to: &image)
            let bytes = image.count - Frame.headerBytes
            Frame.finish(
                &image, payloadBytes: bytes, store: superblock.store, sequence: sequence, previous: sequence - 1,
                base: 0, first: 0, kind: .checkpoint)
            try file.write(image.bytes, at: (sequence - 1) * UInt64(Frame.block))
        }
        try file.sync()
    }

    /// Whether files without a readable superblock hold what a user would miss.
    static func holdsReadings(_ directory: any StorageDirectory) throws(FileError) -> Bool {
        // Smaller segments than 64 KiB exist in tests only.
        if let pool = try directory.open(StoreFiles.Name.pool), try holds(pool, SegmentEntry.magic, step: 64 << 10) {
            return true
        }
        guard let log = try directory.open(StoreFiles.Name.log) else { return false }
        // The two copies of the first checkpoint are there as soon as the log is.
        return try holds(log, Frame.magic, step: UInt64(Frame.block), from: 2 * UInt64(Frame.block))
    }

    private static func holds(
        _ file: any StorageFile, _ magic: UInt32, step: UInt64, from: UInt64 = 0
    ) throws(FileError) -> Bool {
        let length = try file.length()
        var offset = from
        while offset + 4 <= length {
            let bytes = try file.bytes(4, at: offset)
            if bytes.withUnsafeBytes({ UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }) == magic {
                return true
            }
            offset += step
        }
        return false
    }
}
