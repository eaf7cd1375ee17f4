import BoundedDatabase
import Foundation
import GRDB
import Readings

/// The outbox's tables. README.md says what the columns mean.
enum OutboxTables {
    /// Each makes the next version of the one before.
    static let migrations = [
        """
        CREATE TABLE notice (
            id INTEGER PRIMARY KEY, channel TEXT NOT NULL, key TEXT NOT NULL, news TEXT NOT NULL, created INTEGER NOT NULL,
            attempts INTEGER NOT NULL, error TEXT, undeliveredBy TEXT NOT NULL, escalated INTEGER NOT NULL
        );
        CREATE TABLE told (
            channel TEXT NOT NULL, alert TEXT NOT NULL, news TEXT NOT NULL, at INTEGER NOT NULL, time INTEGER NOT NULL,
            failure TEXT, PRIMARY KEY (channel, alert)
        ) WITHOUT ROWID;
        CREATE TABLE alertState (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE clock (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), moment INTEGER NOT NULL);
        """,
        """
        ALTER TABLE notice ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notice ADD COLUMN unacknowledgedOn TEXT NOT NULL DEFAULT '';
        ALTER TABLE told ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE silence (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
        """,
        DigestTables.migration,
        DigestTables.escalationMigration,
        RetainedTables.migration,
        WaitTables.migration,
        numberedMigration,
        // Null: as `at`.
        "ALTER TABLE told ADD COLUMN first INTEGER",
        // Null where `escalated` is 1: whatever channel it was.
        "ALTER TABLE notice ADD COLUMN escalatedTo TEXT",
    ]

    /// Rows of a table WITHOUT ROWID that are longer than a quarter of a page have a page of their own each (SQLite's file format,
    /// "Cell Payload Overflow Pages"): as ordinary tables they share them. They go by a number made of their key, since an index
    /// would take a page of its own, of which the least share has none to spare. Those from before have numbers below 0, until
    /// everything is written anew. What is copied waits in memory meanwhile, so that a file that is full has room for it.
    private static let numberedMigration = """
        CREATE TEMP TABLE former AS SELECT * FROM told;
        DROP TABLE told;
        CREATE TABLE told (
            id INTEGER PRIMARY KEY, channel TEXT NOT NULL, alert TEXT NOT NULL, news TEXT NOT NULL, at INTEGER NOT NULL,
            time INTEGER NOT NULL, failure TEXT, hold INTEGER NOT NULL
        );
        INSERT INTO told (id, channel, alert, news, at, time, failure, hold)
            SELECT -rowid, channel, alert, news, at, time, failure, hold FROM former ORDER BY -rowid;
        DROP TABLE temp.former;
        CREATE TEMP TABLE former AS SELECT * FROM alertState;
        DROP TABLE alertState;
        CREATE TABLE alertState (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL);
        INSERT INTO alertState (id, key, value) SELECT -rowid, key, value FROM former ORDER BY -rowid;
        DROP TABLE temp.former;
        """

    /// Whether rows of an earlier version have no number of their own yet.
    static func isUnnumbered(_ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM told WHERE id < 0) OR EXISTS (SELECT 1 FROM alertState WHERE id < 0)
                """) ?? false
    }

    // MARK: - Writing

    static func apply(_ change: OutboxChange, _ db: Database) throws {
        switch change {
        case .put(let notice): try put(notice, db)
        case .update(let notice):
            try db.cachedStatement(
                sql: """
                    UPDATE notice SET attempts = ?, error = ?, escalated = ?, escalatedTo = ?, hold = ?, created = ?
                    WHERE id = ?
                    """
            ).execute(arguments: [
                notice.attempts, notice.lastError, notice.escalatedTo != nil, notice.escalatedTo,
                notice.storedHold.rawValue, notice.created.milliseconds, notice.id,
            ])
        case .remove(let id):
            try db.cachedStatement(sql: "DELETE FROM notice WHERE id = ?").execute(arguments: [id])
        case .told(let entry):
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO told (id, channel, alert, news, at, time, failure, hold, first)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                number(ofTold: entry.news.alert, on: entry.channel), entry.channel, entry.news.alert,
                try StoredNews.text(entry.news), entry.at.milliseconds,
                entry.time.milliseconds, entry.failure, entry.hold.rawValue, entry.first.milliseconds,
            ])
        case .forget(let channel, let alert):
            try db.cachedStatement(sql: "DELETE FROM told WHERE id = ?")
                .execute(arguments: [number(ofTold: alert, on: channel)])
        case .silence(let silence):
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO silence (id, value) VALUES (?, ?)")
                .execute(arguments: [silence.id, try StoredSilence.text(silence)])
        case .unsilence(let id):
            try db.cachedStatement(sql: "DELETE FROM silence WHERE id = ?").execute(arguments: [id])
        case .digestEntry, .closeDigest, .putDigest, .removeDigest, .digestState, .forgetDigests, .lastDigest,
            .forgetLastDigest:
            try DigestTables.apply(change, db)
        case .retained(let entry): try RetainedTables.save(entry, of: .standing, db)
        case .forgetRetained(let alert): try RetainedTables.forget(alert, of: .standing, db)
        case .cleared(let entry): try RetainedTables.save(entry, of: .cleared, db)
        case .forgetCleared(let alert): try RetainedTables.forget(alert, of: .cleared, db)
        case .lingering(let source): try WaitTables.save(source, db)
        case .forgetLingering(let alert): try WaitTables.forget(lingering: alert, db)
        case .groupTold(let told): try WaitTables.save(told, db)
        case .forgetGroup(let channel, let group): try WaitTables.forget(group: group, of: channel, db)
        }
    }

    private static func put(_ notice: Notice, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO notice
                (id, channel, key, news, created, attempts, error, undeliveredBy, escalated, hold, unacknowledgedOn,
                 escalatedTo)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            notice.id, notice.channel, notice.news.key, try StoredNews.text(notice.news), notice.created.milliseconds,
            notice.attempts, notice.lastError, notice.undeliveredBy.joined(separator: "\n"),
            notice.escalatedTo != nil, notice.storedHold.rawValue, notice.unacknowledgedOn.joined(separator: "\n"),
            notice.escalatedTo,
        ])
    }

    /// Keeps one of the engine's rows.
    ///
    /// - Parameter value: nil: there is none any more.
    static func save(_ value: String?, of key: String, _ db: Database) throws {
        if let value {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO alertState (id, key, value) VALUES (?, ?, ?)")
                .execute(arguments: [SecureHash.number(of: key), key, value])
        } else {
            try db.cachedStatement(sql: "DELETE FROM alertState WHERE id = ?")
                .execute(arguments: [SecureHash.number(of: key)])
        }
    }

    /// The same in the order of their numbers: so pages become as full as they can be.
    static func inOrder(_ told: [Told]) -> [Told] {
        told.map { (number(ofTold: $0.news.alert, on: $0.channel), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The same in the order of their numbers.
    static func inOrder(_ rows: [String: String]) -> [(key: String, value: String)] {
        rows.map { (SecureHash.number(of: $0.key), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// An alert is named by its fingerprint, which has no line's end.
    private static func number(ofTold alert: String, on channel: String) -> Int64 {
        SecureHash.number(of: "\(alert)\n\(channel)")
    }

    static func save(_ moment: DeliveryMoment, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO clock (id, moment) VALUES (1, ?)")
            .execute(arguments: [moment.milliseconds])
    }

    static func deleteAll(_ db: Database) throws {
        for table in ["notice", "told", "alertState", "silence", "retained"] + WaitTables.names + DigestTables.names {
            try db.execute(sql: "DELETE FROM \(table)")
        }
    }

    // MARK: - Reading

    /// What can be read; rows of which the news are none (a damaged file) are left out.
    static func load(_ db: Database) throws -> OutboxContent {
        var content = OutboxContent()
        let moment = try Int64.fetchOne(db, sql: "SELECT moment FROM clock") ?? 0
        // Far from where numbers end, so that waiting can be added.
        content.moment = DeliveryMoment(milliseconds: min(max(0, moment), Int64.max / 4))
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT id, channel, news, created, attempts, error, undeliveredBy, escalated, hold, unacknowledgedOn,
                    escalatedTo
                FROM notice ORDER BY id
                """)
        {
            guard let news = StoredNews.news(try row.checked(2)) else { continue }
            let path: String = try row.checked(6)
            let unacknowledged: String = try row.checked(9)
            let isEscalated: Bool = try row.checked(7)
            let escalatedTo: String? = try row.optional(10)
            content.notices.append(
                Notice(
                    id: try row.checked(0), channel: try row.checked(1), news: news,
                    created: earlier(try row.checked(3), content.moment), attempts: max(0, try row.checked(4)),
                    lastError: try row.optional(5),
                    undeliveredBy: path.split(separator: "\n").map(String.init),
                    escalatedTo: isEscalated ? escalatedTo ?? "" : nil,
                    unacknowledgedOn: unacknowledged.split(separator: "\n").map(String.init),
                    hold: Hold(rawValue: try row.checked(8)) ?? .free))
        }
        for row in try Row.fetchAll(
            db, sql: "SELECT channel, news, at, time, failure, hold, first FROM told ORDER BY channel, alert")
        {
            guard let news = StoredNews.news(try row.checked(1)) else { continue }
            var entry = Told(
                channel: try row.checked(0), news: news, at: earlier(try row.checked(2), content.moment),
                time: try row.time(3), failure: try row.optional(4),
                hold: Hold(rawValue: try row.checked(5)) ?? .free)
            if let first: Int64 = try row.optional(6) { entry.first = min(entry.at, earlier(first, content.moment)) }
            content.told.append(entry)
        }
        for row in try Row.fetchAll(db, sql: "SELECT id, value FROM silence ORDER BY id") {
            guard let silence = StoredSilence.silence(try row.checked(0), try row.checked(1)) else { continue }
            content.silences.append(silence)
        }
        (content.retained, content.cleared) = try RetainedTables.load(db, at: content.moment)
        content.lingering = try WaitTables.lingering(db, at: content.moment)
        content.groupsTold = try WaitTables.groupsTold(db, at: content.moment)
        content.digests = try DigestTables.load(db, at: content.moment)
        for row in try Row.fetchAll(db, sql: "SELECT key, value FROM alertState") {
            content.rows[try row.checked(0)] = try row.checked(1) as String
        }
        return content
    }

    /// Nothing was written later than the clock says.
    static func earlier(_ milliseconds: Int64, _ now: DeliveryMoment) -> DeliveryMoment {
        min(DeliveryMoment(milliseconds: max(0, milliseconds)), now)
    }
}

/// All that an outbox holds.
struct OutboxContent: Sendable, Equatable {
    var notices: [Notice] = []
    var told: [Told] = []
    var silences: [Silence] = []
    var retained: [RetainedAlert] = []
    /// What stood on the broker until lately.
    var cleared: [RetainedAlert] = []
    var lingering: [LingeringSource] = []
    var groupsTold: [GroupTold] = []
    var digests = DigestRows()
    /// The rule engine's state, by key.
    var rows: [String: String] = [:]
    var moment = DeliveryMoment.zero
}
