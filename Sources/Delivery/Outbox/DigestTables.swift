import BoundedDatabase
import Foundation
import GRDB

/// The outbox's tables of digests. README.md says what the columns mean.
enum DigestTables {
    static let migration = """
        CREATE TABLE digest (channel TEXT NOT NULL, day TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (channel, day))
            WITHOUT ROWID;
        CREATE TABLE digestEntry (
            channel TEXT NOT NULL, alert TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (channel, alert)
        ) WITHOUT ROWID;
        CREATE TABLE digestState (channel TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """

    /// A digest may wait on another channel than its own.
    static let escalationMigration = """
        ALTER TABLE digest RENAME TO formerDigest;
        CREATE TABLE digest (
            channel TEXT NOT NULL, "of" TEXT NOT NULL, day TEXT NOT NULL, value TEXT NOT NULL, created INTEGER NOT NULL,
            undeliveredBy TEXT NOT NULL, escalated INTEGER NOT NULL, PRIMARY KEY (channel, "of", day)
        ) WITHOUT ROWID;
        INSERT INTO digest (channel, "of", day, value, created, undeliveredBy, escalated)
            SELECT channel, channel, day, value,
                CAST(CASE WHEN json_valid(value) THEN coalesce(json_extract(value, '$.created'), 0) ELSE 0 END AS INTEGER),
                '', 0
            FROM formerDigest;
        DROP TABLE formerDigest;
        """

    static let names = ["digest", "digestEntry", "digestState"]

    // MARK: - Writing

    /// Does nothing for changes that are not of digests.
    static func apply(_ change: OutboxChange, _ db: Database) throws {
        switch change {
        case .digestEntry(let channel, let entry): try save(entry, of: channel, db)
        case .closeDigest(let notice):
            try save(notice, db)
            try delete(from: "digestEntry", channel: notice.channel, db)
        case .putDigest(let notice): try save(notice, db)
        case .removeDigest(let notice):
            try db.cachedStatement(sql: "DELETE FROM digest WHERE channel = ? AND \"of\" = ? AND day = ?")
                .execute(arguments: [notice.channel, notice.digest.channel, notice.digest.day])
        case .digestState(let channel, let state): try save(state, of: channel, db)
        case .lastDigest(let notice): try save(last: notice, db)
        case .forgetLastDigest: try delete(from: "digest", channel: DigestNotice.standing, db)
        case .forgetDigests(let channel):
            for table in ["digestEntry", "digestState"] { try delete(from: table, channel: channel, db) }
            try db.cachedStatement(sql: "DELETE FROM digest WHERE channel = ? AND \"of\" = channel")
                .execute(arguments: [channel])
        default: break
        }
    }

    static func save(_ rows: DigestRows, _ db: Database) throws {
        for (channel, entries) in rows.open {
            for entry in entries { try save(entry, of: channel, db) }
        }
        for notice in rows.waiting { try save(notice, db) }
        for (channel, state) in rows.states { try save(state, of: channel, db) }
        if let last = rows.last { try save(last: last, db) }
    }

    /// There is one.
    private static func save(last notice: DigestNotice, _ db: Database) throws {
        try delete(from: "digest", channel: DigestNotice.standing, db)
        try save(notice, db)
    }

    private static func save(_ entry: DigestEntry, of channel: String, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO digestEntry (channel, alert, value) VALUES (?, ?, ?)")
            .execute(arguments: [channel, entry.alert, CompactJSON.text(entry)])
    }

    private static func save(_ notice: DigestNotice, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO digest (channel, "of", day, value, created, undeliveredBy, escalated)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            notice.channel, notice.digest.channel, notice.digest.day, CompactJSON.text(notice.digest),
            notice.created.milliseconds, notice.undeliveredBy.joined(separator: "\n"), notice.isEscalated,
        ])
    }

    private static func save(_ state: DigestState, of channel: String, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO digestState (channel, value) VALUES (?, ?)")
            .execute(arguments: [channel, CompactJSON.text(state)])
    }

    private static func delete(from table: String, channel: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM \(table) WHERE channel = ?").execute(arguments: [channel])
    }

    // MARK: - Reading

    /// What can be read; a row that is none (a damaged file) is left out.
    ///
    /// - Parameter now: when the file was last written.
    static func load(_ db: Database, at now: DeliveryMoment) throws -> DigestRows {
        var rows = DigestRows()
        for row in try Row.fetchAll(db, sql: "SELECT channel, value FROM digestEntry ORDER BY alert") {
            guard let entry: DigestEntry = value(try row.checked(1)) else { continue }
            rows.open[try row.checked(0), default: []].append(entry.bounded)
        }
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT channel, value, created, undeliveredBy, escalated FROM digest ORDER BY channel, created, day
                """)
        {
            guard let digest: DailyDigest = value(try row.checked(1)) else { continue }
            let path: String = try row.checked(3)
            let notice = DigestNotice(
                channel: try row.checked(0), digest: digest.bounded,
                created: OutboxTables.earlier(try row.checked(2), now),
                undeliveredBy: path.split(separator: "\n").map(String.init), isEscalated: try row.checked(4))
            if notice.channel == DigestNotice.standing { rows.last = notice } else { rows.waiting.append(notice) }
        }
        for row in try Row.fetchAll(db, sql: "SELECT channel, value FROM digestState") {
            guard let state: DigestState = value(try row.checked(1)) else { continue }
            rows.states[try row.checked(0)] = state.bounded
        }
        return rows
    }

    private static func value<Value: Decodable>(_ text: String) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}
