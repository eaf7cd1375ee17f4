import BoundedDatabase
import GRDB

/// The file in which notices and alerts' state wait. One thread at a time; everything blocks.
///
/// A file that cannot be used keeps nobody from being told: what it does not take is in memory all the same, and is written as
/// a whole once it can be.
struct Outbox: Sendable {
    private let files: DatabaseFiles
    private let geometry: DatabaseGeometry
    private let report: @Sendable (String) -> Void
    private var database: BoundedDatabase?
    /// Whether the file has been read: before that it must not be overwritten.
    private(set) var isLoaded = false
    /// Whether the file lacks something that was to be written.
    private(set) var isBehind = false
    /// Whether there is a file, and everything in it.
    var isWhole: Bool { database != nil && isLoaded && !isBehind }
    private(set) var status = OutboxStatus()

    /// - Parameters:
    ///   - directory: the store's.
    ///   - share: bytes that the files never exceed; 0: there is no file.
    ///   - report: told, in a sentence, what goes wrong and when it is well again.
    init(directory: String, share: UInt64, report: @escaping @Sendable (String) -> Void) {
        files = DatabaseFiles(directory: directory, name: "alerts")
        geometry = DatabaseGeometry(share: share)
        self.report = report
        status.share = geometry.isTooSmall ? 0 : UInt64(geometry.databaseBytes + geometry.journalBytes)
    }

    /// Opens the file and reads what it holds. A damaged one is made anew with what could be read of it.
    ///
    /// - Returns: nil if it cannot be opened now.
    mutating func open() -> OutboxContent? {
        guard !geometry.isTooSmall else {
            isLoaded = true
            return OutboxContent()
        }
        do {
            guard !files.isOccupied else { throw DatabaseFault.placeOccupied(path: files.database) }
            do {
                return try load()
            } catch  where error.isDamage {
                return try makeAnew(because: error)
            }
        } catch {
            shut()
            isBehind = true
            note(problem: error.inWords)
            return nil
        }
    }

    private mutating func load() throws -> OutboxContent {
        let opened = try BoundedDatabase(files, geometry, label: "outbox", migrations: OutboxTables.migrations)
        opened.reserve()
        database = opened
        try opened.check()
        let content = try opened.queue.read(OutboxTables.load)
        isLoaded = true
        do {
            try opened.probe()
            note(problem: nil)
        } catch {
            // What is in it counts all the same.
            isBehind = true
            failed(error)
        }
        return content
    }

    private mutating func makeAnew(because reason: any Error) throws -> OutboxContent {
        let rescued = (try? database?.queue.read(OutboxTables.load)) ?? OutboxContent()
        shut()
        if let failure = files.remove() { throw DatabaseFault.closed("\(reason.inWords); \(failure)") }
        status.damage = reason.inWords
        report(
            "\(files.database) was damaged and is made anew: \(reason.inWords). \(rescued.notices.count) notices could be read; "
                + "alerts that fire are told again.")
        _ = try load()
        isBehind = true
        return rescued
    }

    /// Writes what changed, in one transaction; nothing or all of it.
    mutating func write(_ changes: [OutboxChange], rows: [String: String?], at moment: DeliveryMoment) {
        guard let database, !isBehind else {
            isBehind = !geometry.isTooSmall
            return
        }
        do {
            try database.queue.write { db in
                for change in changes { try OutboxTables.apply(change, db) }
                try OutboxTables.save(rows, db)
                try OutboxTables.save(moment, db)
            }
            note(problem: nil)
        } catch {
            isBehind = true
            failed(error)
        }
    }

    /// The file's bytes; nil where there is no file.
    func contents() throws -> [UInt8]? { try database?.contents() }

    /// Writes everything, after something could not be written.
    ///
    /// - Parameter isPart: whether there is more, which did not fit: then the file stays behind.
    /// - Returns: whether it must be less, because the share is full.
    mutating func rewrite(_ content: OutboxContent, isPart: Bool = false) -> Bool {
        guard isLoaded, !geometry.isTooSmall, database != nil || open() != nil, let database else { return false }
        do {
            try database.queue.write { db in
                try OutboxTables.deleteAll(db)
                for notice in content.notices { try OutboxTables.apply(.put(notice), db) }
                for entry in content.told { try OutboxTables.apply(.told(entry), db) }
                for silence in content.silences { try OutboxTables.apply(.silence(silence), db) }
                for entry in content.retained { try RetainedTables.save(entry, of: .standing, db) }
                for entry in content.cleared { try RetainedTables.save(entry, of: .cleared, db) }
                for source in content.lingering { try WaitTables.save(source, db) }
                for told in content.groupsTold { try WaitTables.save(told, db) }
                try DigestTables.save(content.digests, db)
                try OutboxTables.save(content.rows.mapValues { $0 }, db)
                try OutboxTables.save(content.moment, db)
            }
            isBehind = isPart
            note(problem: isPart ? shareFull : nil)
            return false
        } catch {
            if error.isFull, files.hasRoom(for: geometry.databaseBytes) { return true }
            failed(error)
            return false
        }
    }

    /// The same for people who read Vietnamese.
    private var shareFullInVietnamese: String {
        "\(files.database) chỉ được \(geometry.databaseBytes >> 10) KiB theo store.diskBudget, không chứa hết: hãy tăng giá trị này"
    }

    private var shareFull: String {
        "not all of them fit into the \(geometry.databaseBytes >> 10) KiB that store.diskBudget leaves to \(files.database): raise it"
    }

    mutating func close() { shut() }

    private mutating func failed(_ error: any Error) {
        note(problem: error.inWords)
        // A file that was read-only when it was opened stays so for SQLite; a damaged one is made anew when it is opened.
        if !error.isFull { shut() }
    }

    private mutating func shut() {
        try? database?.queue.close()
        database = nil
    }

    /// Tells of a change once.
    private mutating func note(problem: String?) {
        guard problem != status.problem else { return }
        if let problem {
            report("notices are sent, but would not survive a restart: \(problem)")
        } else {
            report("\(files.database) is written again")
        }
        status.problem = problem
        status.problemInVietnamese = problem == shareFull ? shareFullInVietnamese : nil
    }

    var diskUsed: UInt64 { files.allocatedBytes }
}

/// The outbox's file in numbers.
public struct OutboxStatus: Sendable, Equatable {
    /// Bytes that the files may take; 0 if there is no room for any.
    public internal(set) var share: UInt64 = 0
    /// Why nothing is written at the moment; nil if all is well.
    public internal(set) var problem: String?
    /// The same, where the words are our own.
    public internal(set) var problemInVietnamese: String?
    /// What was found damaged since the start, and made anew.
    public internal(set) var damage: String?
}
