import GRDB
import GRDBSQLite
import Glibc

/// The open database: its settings, its tables, and what is wrong with it.
struct RegistryDatabase: Sendable {
    let queue: DatabaseQueue
    let geometry: RegistryGeometry

    /// `user_version` of what this code writes.
    private static let version = 2

    /// Opens the database, and makes its tables if it is new.
    ///
    /// - Throws: SQLite's error, or ``RegistryError``.
    init(_ files: RegistryFiles, _ geometry: RegistryGeometry) throws {
        self.geometry = geometry
        guard RegistryDatabase.isWritableFormat(files.database) else {
            throw RegistryError.damaged("an impossible version of SQLite's file format")
        }
        files.create()
        var configuration = Configuration()
        configuration.label = "registry"
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { db in
            for pragma in RegistryDatabase.settings(geometry) { try db.execute(sql: "PRAGMA \(pragma)") }
        }
        queue = try DatabaseQueue(path: files.database, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard (0...1000).contains(version) else { throw RegistryError.damaged("an impossible version: \(version)") }
            guard version <= RegistryDatabase.version else {
                throw RegistryError.ofNewerVersion(path: files.database)
            }
            guard try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 <= geometry.pages else {
                throw RegistryError.tooLarge(path: files.database)
            }
            if version == 0 {
                try db.inTransaction(.immediate) {
                    try db.execute(sql: RegistryDatabase.schema)
                    try db.execute(sql: "PRAGMA user_version = \(RegistryDatabase.version)")
                    return .commit
                }
            } else if version == 1 {
                try db.inTransaction(.immediate) {
                    try db.execute(sql: "ALTER TABLE device ADD COLUMN originalUnits TEXT")
                    try db.execute(sql: "PRAGMA user_version = \(RegistryDatabase.version)")
                    return .commit
                }
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

    /// Takes all the blocks that the database may need one day (SQLITE_FCNTL_CHUNK_SIZE), so that a disk which others fill stops
    /// nothing. Without room it stays as it is, and writing may fail later.
    func reserve() {
        queue.writeWithoutTransaction { [geometry] db in
            var chunk = Int32(clamping: geometry.databaseBytes)
            var size = sqlite3_int64(geometry.databaseBytes)
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk)
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_SIZE_HINT, &size)
        }
    }

    /// Writes a page, to see whether that is possible.
    func probe() throws {
        try queue.write { try $0.execute(sql: "PRAGMA user_version = \(RegistryDatabase.version)") }
    }

    /// Looks at every page.
    ///
    /// - Throws: ``RegistryError`` if the database is damaged.
    func check() throws {
        let findings = try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
        guard findings == ["ok"] else { throw RegistryError.damaged(findings.first ?? "no answer") }
    }

    private static func settings(_ geometry: RegistryGeometry) -> [String] {
        [
            "page_size = \(RegistryGeometry.pageBytes)",
            "max_page_count = \(geometry.pages)",
            // The lock is taken once: nobody who looks into the file from outside can make us wait.
            "locking_mode = EXCLUSIVE",
            // The journal's blocks stay ours, so that undoing never lacks room.
            "journal_mode = PERSIST",
            "journal_size_limit = -1",
            "synchronous = FULL",
            // A transaction's journal has one header, and no other files are made.
            "cache_spill = OFF",
            "temp_store = MEMORY",
            // KiB
            "cache_size = -512",
        ]
    }

    /// Times are milliseconds since 1970. README.md says what the columns mean.
    private static let schema = """
        CREATE TABLE device (
            household TEXT NOT NULL, device TEXT NOT NULL, convention TEXT, name TEXT, model TEXT, manufacturer TEXT,
            room TEXT, available INTEGER, availableSince INTEGER, originalUnits TEXT,
            PRIMARY KEY (household, device)
        ) WITHOUT ROWID;
        CREATE TABLE refused (
            id INTEGER PRIMARY KEY, cost INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL, convention TEXT,
            household TEXT, arrival INTEGER NOT NULL, retained INTEGER NOT NULL, isWhole INTEGER NOT NULL,
            payloadBytes INTEGER NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL
        );
        CREATE INDEX refusedByGroup ON refused (topic, reason);
        """
}

/// Why the registry cannot be used.
public enum RegistryError: Error, CustomStringConvertible {
    case ofNewerVersion(path: String)
    case tooLarge(path: String)
    case damaged(String)
    case placeOccupied(path: String)
    case shareTooSmall
    /// What is known of devices does not fit.
    case shareFull(bytes: Int)
    /// It is closed, or could not be opened.
    case closed(String)
    case database(String)

    public var description: String {
        switch self {
        case .ofNewerVersion(let path):
            "\(path) was written by a newer version of quantracd: run that, or remove the file"
        case .tooLarge(let path): "\(path) is larger than its share of store.diskBudget"
        case .damaged(let finding): finding
        case .placeOccupied(let path): "\(path) is no file: move it away"
        case .shareTooSmall: "store.diskBudget is too small for a registry"
        case .shareFull(let bytes):
            "the descriptions of some devices do not fit into the \(bytes >> 10) KiB that store.diskBudget leaves to the "
                + "registry: raise it; their readings are stored"
        case .closed(let reason): reason
        case .database(let reason): reason
        }
    }
}

extension RegistryError {
    fileprivate var isOfTheFile: Bool {
        switch self {
        case .damaged, .tooLarge: true
        default: false
        }
    }
}

extension Error {
    /// Whether the database is such that only a new one helps.
    var isDamage: Bool {
        switch self {
        case let error as GRDB.DatabaseError:
            [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
                // A table or a column is not there: somebody else's file.
                || error.resultCode.primaryResultCode == .SQLITE_ERROR
        case let error as RegistryError: error.isOfTheFile
        // What GRDB could not make a value of.
        default: true
        }
    }

    var isFull: Bool { (self as? DatabaseError)?.resultCode.primaryResultCode == .SQLITE_FULL }

    /// In a line, without the statement, which says nothing to whoever reads it.
    var inWords: String {
        guard let error = self as? DatabaseError else { return String(describing: self) }
        let next = isFull ? ": make room on the disk, or raise store.diskBudget" : ""
        return "SQLite: \(error.message ?? "error") (\(error.extendedResultCode.rawValue))\(next)"
    }
}
