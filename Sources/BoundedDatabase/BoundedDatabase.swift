import GRDB
import GRDBSQLite
import Glibc

/// An open SQLite database that never exceeds its share of the disk budget: its settings, its tables, and what is wrong with it.
///
/// Database and rollback journal have half of the share each, and both are reserved at the start, so that a disk which others
/// fill stops nothing; the journal stays where it is, and there are no temporary files.
public struct BoundedDatabase: Sendable {
    public let queue: DatabaseQueue
    public let geometry: DatabaseGeometry
    private let files: DatabaseFiles
    private let version: Int

    /// Opens the database, and makes its tables if it is new.
    ///
    /// - Parameters:
    ///   - label: what the database is called in a debugger.
    ///   - migrations: SQL that makes version 1 of nothing, version 2 of version 1, and so on; `user_version` says which the
    ///     file has.
    /// - Throws: SQLite's error, or ``DatabaseFault``.
    public init(_ files: DatabaseFiles, _ geometry: DatabaseGeometry, label: String, migrations: [String]) throws {
        self.geometry = geometry
        self.files = files
        version = migrations.count
        guard BoundedDatabase.isWritableFormat(files.database) else {
            throw DatabaseFault.damaged("an impossible version of SQLite's file format")
        }
        files.create()
        var configuration = Configuration()
        configuration.label = label
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { db in
            for pragma in BoundedDatabase.settings(geometry) { try db.execute(sql: "PRAGMA \(pragma)") }
        }
        queue = try DatabaseQueue(path: files.database, configuration: configuration)
        try queue.writeWithoutTransaction { [version] db in
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard (0...1000).contains(found) else { throw DatabaseFault.damaged("an impossible version: \(found)") }
            guard found <= version else { throw DatabaseFault.ofNewerVersion(path: files.database) }
            guard try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 <= geometry.pages else {
                throw DatabaseFault.tooLarge(path: files.database)
            }
            guard found < version else { return }
            try db.inTransaction(.immediate) {
                for migration in migrations[found...] { try db.execute(sql: migration) }
                try db.execute(sql: "PRAGMA user_version = \(version)")
                return .commit
            }
        }
    }

    /// SQLite opens a file of a format that it does not know (bytes 18 and 19, sqlite.org/fileformat2.html §1.3) for reading
    /// only, and calls it sound.
    private static func isWritableFormat(_ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return true }
        defer { fclose(file) }
        var header = [UInt8](repeating: 0, count: 20)
        guard fread(&header, 1, header.count, file) == header.count else { return true }
        return header[18] <= 2 && header[19] <= 2
    }

    /// Takes all the blocks that database and journal may need one day (SQLITE_FCNTL_CHUNK_SIZE), and gives back those beyond
    /// the share. Without room they stay as they are, and writing may fail later.
    public func reserve() {
        queue.writeWithoutTransaction { [geometry, files] db in
            files.cutDatabase(to: geometry.databaseBytes)
            var chunk = Int32(clamping: geometry.databaseBytes)
            var size = sqlite3_int64(geometry.databaseBytes)
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk)
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_SIZE_HINT, &size)
        }
        files.reserveJournal(geometry.journalBytes)
    }

    /// Writes a page, to see whether that is possible.
    public func probe() throws {
        try queue.write { [version] in try $0.execute(sql: "PRAGMA user_version = \(version)") }
    }

    /// Looks at every page.
    ///
    /// - Throws: ``DatabaseFault`` if the database is damaged.
    public func check() throws {
        let findings = try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
        guard findings == ["ok"] else { throw DatabaseFault.damaged(findings.first ?? "no answer") }
    }

    /// All bytes of the database as of the last transaction: at most its share of them, in memory. Blocking.
    public func contents() throws -> [UInt8] {
        try queue.read { db in
            var count: sqlite3_int64 = 0
            guard let bytes = sqlite3_serialize(db.sqliteConnection, "main", &count, 0) else {
                throw DatabaseFault.database("there is no memory for a copy of it")
            }
            defer { sqlite3_free(bytes) }
            return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }
    }

    private static func settings(_ geometry: DatabaseGeometry) -> [String] {
        [
            "page_size = \(DatabaseGeometry.pageBytes)",
            "max_page_count = \(geometry.pages)",
            // The lock is taken once: nobody who looks into the file from outside can make us wait.
            "locking_mode = EXCLUSIVE",
            // The journal's blocks stay ours, so that undoing never lacks room; what it has beyond its half of the share, from
            // a time when that was larger, goes with the next transaction.
            "journal_mode = PERSIST",
            "journal_size_limit = \(geometry.journalBytes)",
            "synchronous = FULL",
            // A transaction's journal has one header, and no other files are made.
            "cache_spill = OFF",
            "temp_store = MEMORY",
            // KiB
            "cache_size = -512",
        ]
    }
}
