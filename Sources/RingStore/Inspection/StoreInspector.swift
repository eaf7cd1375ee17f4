import Glibc
import Readings

/// Finds out what a store's files hold, while somebody may be writing them.
///
/// The writer's own order makes that possible. A frame that is whole is not touched before a later checkpoint sets it
/// free; a segment that counts is not touched before a checkpoint that no longer names it. So whatever does not pass its
/// check is damage only if the checkpoint that is in force *afterwards* still counts on it.
struct StoreInspector {
    let directory: any StorageDirectory
    let verifies: Bool
    let files: StoreFiles
    let superblock: Superblock
    var inspection: StoreInspection
    /// Of each shape that the catalogue knows, its series.
    var shapes: [UInt32: [UInt32]] = [:]
    var knownSeries: Set<UInt32> = []

    init(_ directory: any StorageDirectory, verifies: Bool) throws(InspectionError) {
        self.directory = directory
        self.verifies = verifies
        let file = try StoreInspector.open(directory, StoreFiles.Name.superblock)
        guard let file else {
            let holdsReadings = (try? StoreCreation.holdsReadings(directory)) ?? false
            throw holdsReadings ? .superblockLost(path: directory.path) : .noStore(path: directory.path)
        }
        let (superblock, damage) = try StoreInspector.superblock(file, directory.path)
        self.superblock = superblock
        inspection = StoreInspection(
            path: directory.path, store: superblock.store, format: superblock.format,
            segmentBytes: UInt64(superblock.geometry.segmentBytes), slots: Int(superblock.geometry.segmentCount),
            isVerified: verifies)
        inspection.damage = damage
        files = StoreFiles(
            path: directory.path, superblock: file,
            log: try StoreInspector.open(directory, StoreFiles.Name.log) ?? MissingFile(StoreFiles.Name.log),
            pool: try StoreInspector.open(directory, StoreFiles.Name.pool) ?? MissingFile(StoreFiles.Name.pool),
            catalogue: try StoreInspector.open(directory, StoreFiles.Name.catalogue)
                ?? MissingFile(StoreFiles.Name.catalogue))
    }

    func run(_ progress: (Int, Int) -> Void = { _, _ in }) throws(InspectionError) -> StoreInspection {
        var inspector = self
        inspector.lookAtFiles()
        let log = try inspector.settledLog()
        // After the log, because what the log refers to must be in the catalogue by then, or in the log itself.
        inspector.lookAtCatalogue()
        inspector.lookAtLog(log)
        try inspector.lookAtSegments(log.chain.checkpoint, progress)
        inspector.inspection.damage.sort { ($0.file, $0.offset) < ($1.file, $1.offset) }
        return inspector.inspection
    }

    mutating func note(_ file: String, _ offset: UInt64, _ what: String) {
        inspection.damage.append(StoreInspection.Damage(file: file, offset: offset, what: what))
    }

    private static func open(
        _ directory: any StorageDirectory, _ name: String
    ) throws(InspectionError) -> (any StorageFile)? {
        do throws(FileError) {
            return try directory.open(name)
        } catch {
            throw .fileSystem(error)
        }
    }

    private static func superblock(
        _ file: any StorageFile, _ path: String
    ) throws(InspectionError) -> (Superblock, [StoreInspection.Damage]) {
        let copies = SuperblockCopies(file)
        if let version = copies.foreignVersion {
            throw .otherFormat(
                path: path + "/" + StoreFiles.Name.superblock, version: version, known: Superblock.version)
        }
        guard let best = copies.best else { throw .superblockLost(path: path) }
        let damage = copies.damaged.map { slot in
            StoreInspection.Damage(
                file: StoreFiles.Name.superblock, offset: UInt64(slot * Superblock.slotBytes),
                what: "copy \(slot + 1) of \(Superblock.slots) of the superblock is damaged; the others suffice")
        }
        return (best, damage)
    }

    private mutating func lookAtFiles() {
        let geometry = superblock.geometry
        let expected: [(String, any StorageFile, UInt64)] = [
            (StoreFiles.Name.superblock, files.superblock, UInt64(Superblock.fileBytes)),
            (StoreFiles.Name.log, files.log, geometry.logBytes),
            (StoreFiles.Name.catalogue, files.catalogue, 2 * geometry.catalogueBytes),
            (StoreFiles.Name.pool, files.pool, UInt64(geometry.segmentBytes) * UInt64(geometry.segmentCount)),
        ]
        for (name, file, wanted) in expected {
            let bytes = (try? file.length()) ?? 0
            inspection.files.append(
                StoreInspection.File(
                    name: name, bytes: bytes, allocatedBytes: (try? file.allocatedBytes()) ?? 0))
            if file is MissingFile {
                note(name, 0, "the file is missing")
            } else if bytes < wanted {
                note(name, bytes, "the file ends here, and should have \(wanted) bytes")
            }
        }
    }
}

/// Stands for a file that is not there: empty, and named as the damage it is.
private final class MissingFile: StorageFile {
    private let name: String

    init(_ name: String) {
        self.name = name
    }

    private var error: FileError { FileError(operation: "open", path: name, code: ENOENT) }

    func length() -> UInt64 { 0 }
    func allocatedBytes() -> UInt64 { 0 }
    func preallocate(_: UInt64) throws(FileError) { throw error }
    func read(into _: UnsafeMutableRawBufferPointer, at _: UInt64) throws(FileError) { throw error }
    func write(_: UnsafeRawBufferPointer, at _: UInt64) throws(FileError) { throw error }
    func sync() throws(FileError) { throw error }
}
