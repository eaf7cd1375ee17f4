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

    static let names = ["digest", "digestEntry", "digestState"]

    // MARK: - Writing

    /// Does nothing for changes that are not of digests.
    static func apply(_ change: OutboxChange, _ db: Database) throws {
        switch change {
        case .digestEntry(let channel, let entry): try save(entry, of: channel, db)
        case .closeDigest(let digest):
            try save(digest, db)
            try delete(from: "digestEntry", channel: digest.channel, db)
        case .removeDigest(let channel, let day):
            try db.cachedStatement(sql: "DELETE FROM digest WHERE channel = ? AND day = ?")
                .execute(arguments: [channel, day])
        case .digestState(let channel, let state): try save(state, of: channel, db)
        case .forgetDigests(let channel):
            for table in names { try delete(from: table, channel: channel, db) }
        case .put, .update, .remove, .told, .forget, .silence, .unsilence: break
        }
    }

    static func save(_ rows: DigestRows, _ db: Database) throws {
        for (channel, entries) in rows.open {
            for entry in entries { try save(entry, of: channel, db) }
        }
        for digest in rows.waiting { try save(digest, db) }
        for (channel, state) in rows.states { try save(state, of: channel, db) }
    }

    private static func save(_ entry: DigestEntry, of channel: String, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO digestEntry (channel, alert, value) VALUES (?, ?, ?)")
            .execute(arguments: [channel, entry.alert, CompactJSON.text(entry)])
    }

    private static func save(_ digest: DailyDigest, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO digest (channel, day, value) VALUES (?, ?, ?)")
            .execute(arguments: [digest.channel, digest.day, CompactJSON.text(digest)])
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
    static func load(_ db: Database) throws -> DigestRows {
        var rows = DigestRows()
        for row in try Row.fetchAll(db, sql: "SELECT channel, value FROM digestEntry ORDER BY alert") {
            guard let entry: DigestEntry = value(try row.checked(1)) else { continue }
            rows.open[try row.checked(0), default: []].append(entry.bounded)
        }
        for row in try Row.fetchAll(db, sql: "SELECT value FROM digest ORDER BY day") {
            guard let digest: DailyDigest = value(try row.checked(0)) else { continue }
            rows.waiting.append(digest.bounded)
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
