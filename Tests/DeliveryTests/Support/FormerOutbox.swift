import GRDB
import Readings

@testable import Delivery

/// Rows as versions wrote them in which they had no numbers of their own.
enum FormerOutbox {
    static func insert(_ entry: Told, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO told (channel, alert, news, at, time) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                entry.channel, entry.news.alert, try StoredNews.text(entry.news), entry.at.milliseconds,
                entry.time.milliseconds,
            ])
    }
}
