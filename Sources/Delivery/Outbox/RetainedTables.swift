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

    /// Which rows: of what stands there, or of what was cleared. They have one table, since the smallest outbox has no page for another.
    enum Kind {
        case standing, cleared

        /// What precedes the alert in its row's key. A version that knows nothing of cleared ones takes theirs for damaged.
        fileprivate var mark: String { self == .cleared ? "-" : "" }
    }

    static func save(_ entry: RetainedAlert, of kind: Kind, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO retained (alert, name, topic, prefixes, at) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [
            kind.mark + entry.alert, entry.name, entry.topic, entry.prefixes.joined(separator: "\n"),
            entry.at.milliseconds,
        ])
    }

    static func forget(_ alert: String, of kind: Kind, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM retained WHERE alert = ?").execute(arguments: [kind.mark + alert])
    }

    /// What can be cleared: a row with a topic that is none of ours (a damaged file) is left out.
    ///
    /// - Parameter now: when the file was last written.
    static func load(
        _ db: Database, at now: DeliveryMoment
    ) throws -> (standing: [RetainedAlert], cleared: [RetainedAlert]) {
        var (standing, cleared): ([RetainedAlert], [RetainedAlert]) = ([], [])
        for row in try Row.fetchAll(db, sql: "SELECT alert, name, topic, prefixes, at FROM retained ORDER BY alert") {
            let key: String = try row.checked(0)
            let isCleared = key.utf8.starts(with: Kind.cleared.mark.utf8)
            let prefixes: String = try row.checked(3)
            let entry = RetainedAlert(
                alert: isCleared ? String(key.dropFirst()) : key, name: try row.checked(1), topic: try row.checked(2),
                prefixes: prefixes.split(separator: "\n").map(String.init),
                at: OutboxTables.earlier(try row.checked(4), now))
            guard entry.isOurs else { continue }
            if isCleared { cleared.append(entry) } else { standing.append(entry) }
        }
        return (standing, cleared)
    }
}
