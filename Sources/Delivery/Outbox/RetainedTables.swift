import BoundedDatabase
import GRDB

/// The outbox's table of what stands retained on the broker. README.md says what the columns mean.
enum RetainedTables {
    /// Of what was told before only the alert is known here; the rest is found in what channels were told.
    static let migration = """
        CREATE TABLE retained (
            alert TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, topic TEXT NOT NULL, prefixes TEXT NOT NULL,
            at INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT OR IGNORE INTO retained (alert, name, topic, prefixes, at) SELECT alert, '', '', '', at FROM told;
        """

    static func save(_ entry: RetainedAlert, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO retained (alert, name, topic, prefixes, at) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [
            entry.alert, entry.name, entry.topic, entry.prefixes.joined(separator: "\n"), entry.at.milliseconds,
        ])
    }

    static func forget(_ alert: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM retained WHERE alert = ?").execute(arguments: [alert])
    }

    /// What can be cleared: a row with a topic that is none of ours (a damaged file) is left out.
    ///
    /// - Parameter now: when the file was last written.
    static func load(_ db: Database, at now: DeliveryMoment) throws -> [RetainedAlert] {
        try Row.fetchAll(db, sql: "SELECT alert, name, topic, prefixes, at FROM retained ORDER BY alert").compactMap {
            row in
            let prefixes: String = try row.checked(3)
            let entry = RetainedAlert(
                alert: try row.checked(0), name: try row.checked(1), topic: try row.checked(2),
                prefixes: prefixes.split(separator: "\n").map(String.init),
                at: OutboxTables.earlier(try row.checked(4), now))
            return entry.isOurs ? entry : nil
        }
    }
}
