/// How a database's share of the disk budget is used: one half for the database, one for the journal that undoes a
/// transaction, which at worst holds every page of the database.
public struct DatabaseGeometry: Sendable, Equatable {
    public static let pageBytes = 4096
    /// A page and its number and checksum in the journal (SQLite's file format, "The Rollback Journal").
    private static let journaledPageBytes = pageBytes + 8
    /// The journal's header, and the rounding of both files to the file system's blocks.
    private static let overheadBytes = 4 * pageBytes
    /// 32 MiB of rows: more would only make the start longer.
    private static let mostPages = 8192

    /// Pages of the database, which SQLite does not exceed (`max_page_count`).
    public let pages: Int

    public var databaseBytes: Int { pages * DatabaseGeometry.pageBytes }
    public var journalBytes: Int { DatabaseGeometry.pageBytes + pages * DatabaseGeometry.journaledPageBytes }

    /// - Parameter share: bytes that both files together never exceed.
    public init(share: UInt64) {
        let room = Int(clamping: share) - DatabaseGeometry.overheadBytes
        let perPage = DatabaseGeometry.pageBytes + DatabaseGeometry.journaledPageBytes
        pages = min(DatabaseGeometry.mostPages, max(0, room / perPage))
    }

    /// Fewer pages than a few tables themselves need, and a few rows.
    public var isTooSmall: Bool { pages < 10 }
}
