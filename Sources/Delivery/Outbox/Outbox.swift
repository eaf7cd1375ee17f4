import Alerting
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
    /// Whether something that was to be written is not in the file, and is to be written soon.
    private(set) var isBehind = false
    /// Whether the file holds what matters most, because the share has no room for all. Changes are written all the same.
    private(set) var isPartial = false
    /// Whether there is a file, and everything in it.
    var isWhole: Bool { database != nil && isLoaded && !isBehind && !isPartial }
    /// Whether there is a file, and changes are written to it.
    var takesChanges: Bool { database != nil && isLoaded && !isBehind }
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
        // Changes would not find them.
        if try opened.queue.read(OutboxTables.isUnnumbered) { isBehind = true }
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
            let isPartial = isPartial
            try database.queue.write { db in
                for change in changes { try OutboxTables.apply(change, db) }
                for (key, value) in rows {
                    let isLeftOut = isPartial && SavedRow.isDispensable(key: key)
                    try OutboxTables.save(isLeftOut ? nil : value, of: key, db)
                }
                try OutboxTables.save(moment, db)
            }
            note(problem: isPartial ? shareFull : nil)
        } catch {
            isBehind = true
            // Where the share has been full before that is known, and something gives way.
            if isPartial, isShareFull(error) { return }
            isPartial = false
            failed(error)
        }
    }

    /// The file's bytes; nil where there is no file.
    func contents() throws -> [UInt8]? { try database?.contents() }

    /// Writes everything, after something could not be written.
    ///
    /// - Returns: whether it must be less, because the share is full.
    mutating func rewrite(_ content: OutboxContent) -> Bool {
        replaceAll { db in
            for notice in content.notices { try OutboxTables.apply(.put(notice), db) }
            for entry in OutboxTables.inOrder(content.told) { try OutboxTables.apply(.told(entry), db) }
            for silence in content.silences { try OutboxTables.apply(.silence(silence), db) }
            for entry in content.retained { try RetainedTables.save(entry, of: .standing, db) }
            for entry in content.cleared { try RetainedTables.save(entry, of: .cleared, db) }
            for source in content.lingering { try WaitTables.save(source, db) }
            for told in content.groupsTold { try WaitTables.save(told, db) }
            try DigestTables.save(content.digests, db)
            for (key, value) in OutboxTables.inOrder(content.rows) { try OutboxTables.save(value, of: key, db) }
            try OutboxTables.save(content.moment, db)
            return true
        }
    }

    /// Writes what matters most, as much of it as there is room for.
    ///
    /// SQLite undoes a transaction that finds no page. So it is begun again, without the row for which there was none and what
    /// would follow it in its table: at most once for each table.
    mutating func rewriteWhatFits(_ content: OutboxContent) {
        let (essentials, others) = content.rows(roomForSilences: roomForSilences)
        let rows = essentials + others
        let geometry = geometry
        /// From which row on a table takes none.
        var full: [String: Int] = [:]
        var reached: Int?
        while replaceAll(with: { db in
            try OutboxTables.save(content.moment, db)
            reached = nil
            var isAll = true
            for (index, row) in rows.enumerated() {
                let hasRoom = try index < essentials.count || Outbox.leavesRoom(db, geometry)
                guard hasRoom, full[row.table].map({ index < $0 }) ?? true else {
                    isAll = false
                    continue
                }
                reached = index
                try row.insert(db)
            }
            return isAll
        }) {
            guard let reached, full.updateValue(reached, forKey: rows[reached].table) == nil else {
                return note(problem: shareFull)
            }
        }
    }

    /// Whether silences are in the file, and stay there however much else there is.
    func keeps(_ silences: [Silence], of content: @autoclosure () -> OutboxContent) -> Bool {
        guard takesChanges, isPartial else { return takesChanges }
        return content().newestSilences(within: roomForSilences).isSuperset(of: silences.map(\.id))
    }

    private var roomForSilences: Int { geometry.databaseBytes / 8 }

    /// Whether some pages are free for what is written until everything is written anew. The least share has none to spare beside
    /// those of its tables.
    private static func leavesRoom(_ db: Database, _ geometry: DatabaseGeometry) throws -> Bool {
        let used = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_count")) ?? 0
        let unused = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
        return geometry.pages - used + unused >= max(0, geometry.pages - 16) / 8
    }

    /// - Parameter insert: fills the empty tables, and says whether that is all there is.
    /// - Returns: whether the share has no room for it.
    private mutating func replaceAll(with insert: (Database) throws -> Bool) -> Bool {
        guard isLoaded, !geometry.isTooSmall, database != nil || open() != nil, let database else { return false }
        do {
            let isAll = try database.queue.write { db in
                try OutboxTables.deleteAll(db)
                return try insert(db)
            }
            isBehind = false
            isPartial = !isAll
            note(problem: isPartial ? shareFull : nil)
            return false
        } catch {
            if isShareFull(error) { return true }
            isPartial = false
            failed(error)
            return false
        }
    }

    /// Whether it is not the disk that is full.
    private func isShareFull(_ error: any Error) -> Bool { error.isFull && files.hasRoom(for: geometry.databaseBytes) }

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
