/// The four files of a store.
struct StoreFiles: Sendable {
    enum Name {
        static let superblock = "super"
        static let log = "log"
        static let pool = "pool"
        static let catalogue = "catalogue"

        /// The superblock last, as it is written.
        static let all = [log, catalogue, pool, superblock]

        /// What a backup holds, in the order in which it is put back.
        static let ofBackup = CompanionFile.Name.allCases.map(\.rawValue) + all
    }

    let path: String
    let superblock: any StorageFile
    let log: any StorageFile
    let pool: any StorageFile
    let catalogue: any StorageFile

    /// Bytes that the files take from the disk.
    func allocatedBytes() throws(FileError) -> UInt64 {
        try superblock.allocatedBytes() + log.allocatedBytes() + pool.allocatedBytes() + catalogue.allocatedBytes()
    }
}
