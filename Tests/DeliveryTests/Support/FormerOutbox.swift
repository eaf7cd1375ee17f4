import GRDB
import Readings

@testable import Delivery

/// Rows as earlier versions wrote them: without a number of their own, and without the channel to which they were escalated.
enum FormerOutbox {
    static func insert(_ notice: Notice, isEscalated: Bool, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO notice (id, channel, key, news, created, attempts, undeliveredBy, escalated)
                VALUES (?, ?, ?, ?, ?, ?, '', ?)
                """,
            arguments: [
                notice.id, notice.channel, notice.news.key, try StoredNews.text(notice.news),
                notice.created.milliseconds, notice.attempts, isEscalated,
            ])
    }

    static func insert(_ entry: Told, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO told (channel, alert, news, at, time) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                entry.channel, entry.news.alert, try StoredNews.text(entry.news), entry.at.milliseconds,
                entry.time.milliseconds,
            ])
    }
}
