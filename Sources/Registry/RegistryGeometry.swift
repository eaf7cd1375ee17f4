/// How the registry's share of the disk budget is used: one half for the database, one for the journal that undoes a
/// transaction, which at worst holds every page of the database.
struct RegistryGeometry: Sendable, Equatable {
    static let pageBytes = 4096
    /// A page and its number and checksum in the journal (SQLite's file format, "The Rollback Journal").
    private static let journaledPageBytes = pageBytes + 8
    /// The journal's header, and the rounding of both files to the file system's blocks.
    private static let overheadBytes = 4 * pageBytes
    /// A household's devices and thousands of messages: more would only make the start longer.
    private static let mostPages = 8192

    /// Pages of the database, which SQLite does not exceed (`max_page_count`).
    let pages: Int

    var databaseBytes: Int { pages * RegistryGeometry.pageBytes }
    var journalBytes: Int { RegistryGeometry.pageBytes + pages * RegistryGeometry.journaledPageBytes }

    /// - Parameter share: bytes that both files together never exceed.
    init(share: UInt64) {
        let room = Int(clamping: share) - RegistryGeometry.overheadBytes
        let perPage = RegistryGeometry.pageBytes + RegistryGeometry.journaledPageBytes
        pages = min(RegistryGeometry.mostPages, max(0, room / perPage))
    }

    /// Fewer pages than the tables themselves need, and a few rows.
    var isTooSmall: Bool { pages < 10 }
}
