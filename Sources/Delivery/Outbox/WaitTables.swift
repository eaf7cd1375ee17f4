import BoundedDatabase
import Foundation
import GRDB
import Readings

/// The outbox's tables of what makes others wait for a while. README.md says what the columns mean.
enum WaitTables {
    static let migration = """
        CREATE TABLE lingering (alert TEXT NOT NULL PRIMARY KEY, labels TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE groupTold (
            channel TEXT NOT NULL, labels TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (channel, labels)
        ) WITHOUT ROWID;
        """

    static let names = ["lingering", "groupTold"]

    // MARK: - Writing

    static func save(_ source: LingeringSource, _ db: Database) throws {
        let labels = Dictionary(source.labels.sorted.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO lingering (alert, labels, until) VALUES (?, ?, ?)")
            .execute(arguments: [source.alert, CompactJSON.text(labels), source.until.milliseconds])
    }

    static func forget(lingering alert: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM lingering WHERE alert = ?").execute(arguments: [alert])
    }

    static func save(_ told: GroupTold, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO groupTold (channel, labels, at) VALUES (?, ?, ?)")
            .execute(arguments: [told.channel, CompactJSON.text(told.group), told.at.milliseconds])
    }

    static func forget(group: [String], of channel: String, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM groupTold WHERE channel = ? AND labels = ?")
            .execute(arguments: [channel, CompactJSON.text(group)])
    }

    // MARK: - Reading

    /// Those that still linger; a row that is none (a damaged file) is left out.
    ///
    /// - Parameter now: when the file was last written.
    static func lingering(_ db: Database, at now: DeliveryMoment) throws -> [LingeringSource] {
        try Row.fetchAll(db, sql: "SELECT alert, labels, until FROM lingering ORDER BY alert").compactMap { row in
            guard let labels: [String: String] = value(try row.checked(1)) else { return nil }
            let until = DeliveryMoment(milliseconds: try row.checked(2))
            return LingeringSource(
                alert: try row.checked(0), labels: Labels(labels.map { Label($0.key, $0.value) }),
                until: min(until, now.advanced(by: Dependency.mostGrace)))
        }
    }

    static func groupsTold(_ db: Database, at now: DeliveryMoment) throws -> [GroupTold] {
        try Row.fetchAll(db, sql: "SELECT channel, labels, at FROM groupTold ORDER BY channel, labels").compactMap {
            row in
            guard let group: [String] = value(try row.checked(1)) else { return nil }
            return GroupTold(
                channel: try row.checked(0), group: group, at: OutboxTables.earlier(try row.checked(2), now))
        }
    }

    private static func value<Value: Decodable>(_ text: String) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}
