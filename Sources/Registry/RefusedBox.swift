import BoundedDatabase
import Foundation
import GRDB
import Intake
import PayloadDecoders
import Readings

/// The table of refused messages.
///
/// It takes what room the devices leave. Of one topic and reason at most ``mostOfGroup`` are kept; when room is short, the
/// oldest of whoever has most gives way, so that a device that talks nonsense all day takes nothing from the others.
enum RefusedBox {
    static let mostOfGroup = 1000
    static let mostRows = 20_000
    /// Bytes of one portion of a replay; a message of any size is a portion.
    private static let portionBytes = 256 << 10
    private static let portionMessages = 256
    /// Bytes of messages that are taken out of a damaged file.
    private static let mostRescued = 1 << 20

    /// Bytes that are read of a payload at most: what earlier versions kept whole.
    private static let largestPayload = DecoderLimits.payloadBytes

    // MARK: - Keeping

    /// The number for the next message: above all that are there.
    static func nextID(_ db: Database) throws -> Int64 {
        let last = try Int64.fetchOne(db, sql: "SELECT MAX(id) FROM refused") ?? 0
        // Far more than there will ever be, and far from where numbers end.
        guard (0..<Int64.max / 2).contains(last) else {
            throw DatabaseFault.damaged("a message has an impossible number")
        }
        return last + 1
    }

    static func count(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM refused") ?? 0
    }

    static func insert(_ messages: [RefusedMessage], from first: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO refused
                (id, cost, topic, reason, convention, household, arrival, retained, isWhole, payloadBytes, detail, payload)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for (offset, one) in messages.enumerated() {
            try statement.execute(arguments: [
                first + Int64(offset), cost(of: one), one.topic, one.kind.reason, one.kind.convention?.rawValue,
                one.household, one.arrival.milliseconds, one.retained, one.isWhole, one.payloadBytes, one.detail,
                Data(one.payload),
            ])
        }
        let groups = Set(messages.map { [$0.topic, $0.kind.reason] })
        for group in groups {
            try db.execute(
                sql: """
                    DELETE FROM refused WHERE id IN (
                        SELECT id FROM refused WHERE topic = ? AND reason = ? ORDER BY id DESC LIMIT -1 OFFSET ?)
                    """, arguments: [group[0], group[1], mostOfGroup])
        }
        try cutHouseholds(of: messages, db)
    }

    /// A household that meets a quota may do so on ever new topics, each a group of its own: of it as a whole no more are kept
    /// than of a topic.
    private static func cutHouseholds(of messages: [RefusedMessage], _ db: Database) throws {
        let groups = Set(
            messages.filter { QuotaReason(rawValue: $0.kind.reason) != nil }.map {
                [$0.household ?? "", $0.kind.reason]
            })
        for group in groups {
            try db.execute(
                sql: """
                    DELETE FROM refused WHERE id IN (
                        SELECT id FROM refused WHERE household = ? AND reason = ? ORDER BY id DESC LIMIT -1 OFFSET ?)
                    """, arguments: [group[0], group[1], mostOfGroup])
        }
    }

    /// About what a message takes in the file; large ones have pages of their own.
    static func cost(of message: RefusedMessage) -> Int {
        let bytes = message.payload.count + 2 * message.topic.utf8.count + message.detail.utf8.count + 160
        let page = DatabaseGeometry.pageBytes
        return bytes < page ? bytes : (bytes + page - 1) / page * page
    }

    /// How many of `messages`, the first of them, are written in one go: what pushes out no more than an eighth of the box. At
    /// least one, if there is one.
    static func fitting(_ messages: [RefusedMessage], in geometry: DatabaseGeometry) -> Int {
        var room = geometry.databaseBytes / 8
        let count = messages.prefix { message in
            room -= cost(of: message)
            return room >= 0
        }.count
        return max(count, min(1, messages.count))
    }

    /// `cost`, even if the file is damaged: sums of it never overflow.
    private static let believableCost = "MIN(MAX(CAST(cost AS INTEGER), 1), 1000000)"

    // MARK: - Giving way

    /// Makes room for `bytes` more and `rows` more, as far as there is something to give way.
    ///
    /// - Parameters:
    ///   - spare: pages beyond what that should take.
    ///   - pages: those of the whole database.
    static func makeRoom(for bytes: Int, rows: Int, spare: Int, _ pages: Int, _ db: Database) throws {
        // What is deleted frees a page only with the last row on it: ask for a little more until it is enough.
        for round in 0..<32 {
            let used = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = pages - used + (try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0)
            let missing = bytes / DatabaseGeometry.pageBytes * 5 / 4 + spare + reserve(of: pages) - free
            let excess = try count(db) + rows - mostRows
            if missing <= 0, excess <= 0 { return }
            let average = max(1, try totalCost(db) / max(1, try count(db)))
            let wanted = max(missing * DatabaseGeometry.pageBytes, excess * average)
            guard try giveWay(wanted + wanted / 4 * round, db) else { return }
        }
        try db.execute(sql: "DELETE FROM refused")
    }

    /// Pages that stay free for devices.
    private static func reserve(of pages: Int) -> Int { max(3, pages / 16) }

    private static func totalCost(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT SUM(\(believableCost)) FROM refused") ?? 0
    }

    /// Deletes the oldest of the largest groups, about `bytes` of them: each is cut to the same level.
    ///
    /// - Returns: whether there was anything.
    private static func giveWay(_ bytes: Int, _ db: Database) throws -> Bool {
        let groups = try Row.fetchAll(
            db,
            sql: """
                SELECT MIN(id), SUM(\(believableCost)) AS sum FROM refused
                GROUP BY topic, reason ORDER BY sum DESC, 1
                """
        ).map { (first: try $0.checked(0) as Int64, cost: try $0.checked(1) as Int) }
        guard let largest = groups.first else { return false }
        let level = level(of: groups.map(\.cost), toFree: bytes)
        var freed = 0
        for group in groups where group.cost > level || level == largest.cost {
            if freed >= bytes { break }
            let excess = max(1, min(group.cost - level, bytes - freed))
            try db.execute(
                sql: """
                    DELETE FROM refused WHERE id IN (
                        SELECT id FROM (
                            SELECT id, SUM(\(believableCost)) OVER (ORDER BY id) - \(believableCost) AS before
                            FROM refused
                            WHERE (topic, reason) = (SELECT topic, reason FROM refused WHERE id = ?))
                        WHERE before < ?)
                    """, arguments: [group.first, excess])
            freed += excess
        }
        return true
    }

    /// Where to cut piles of these heights, highest first, so that what is above comes to `bytes`.
    static func level(of heights: [Int], toFree bytes: Int) -> Int {
        var sum = 0
        for (index, height) in heights.enumerated() {
            sum += height
            let next = index + 1 < heights.count ? heights[index + 1] : 0
            // The first piles cut down to the next one's height.
            if sum - (index + 1) * next >= bytes { return max(0, (sum - bytes) / (index + 1)) }
        }
        return 0
    }

    // MARK: - Looking

    /// The newest messages of a damaged file, as far as they can be read, oldest first.
    static func readable(_ db: Database) -> [RefusedMessage] {
        var found: [RefusedMessage] = []
        var bytes = 0
        do {
            let rows = try Row.fetchCursor(db, sql: "SELECT id FROM refused ORDER BY id DESC")
            while bytes < mostRescued, let row = try rows.next() {
                guard let id: Int64 = try? row.checked(0),
                    let kept = try? message(id, payloadBytes: largestPayload, db)
                else { continue }
                found.append(kept.message)
                bytes += cost(of: kept.message)
            }
        } catch {
            // What came before the damage is what there is.
        }
        return found.reversed()
    }

    /// - Parameter payloadBytes: what is read of each payload at most.
    static func list(
        _ filter: RefusedFilter, limit: Int, payloadBytes: Int, _ db: Database
    ) throws -> RefusedListing {
        var listing = RefusedListing()
        listing.kept = try count(db)
        var chosen: [Int64] = []
        let rows = try Row.fetchCursor(
            db, sql: "SELECT id, topic FROM refused WHERE ?1 IS NULL OR reason = ?1 ORDER BY id DESC",
            arguments: [filter.reason])
        while let row = try rows.next() {
            guard filter.topic?.matches(try row.checked(1)) ?? true else { continue }
            listing.matching += 1
            if chosen.count < limit { chosen.append(try row.checked(0)) }
        }
        for id in chosen {
            if let message = try message(id, payloadBytes: payloadBytes, db) { listing.messages.append(message) }
        }
        return listing
    }

    /// The next messages to try again.
    static func portion(
        _ filter: RefusedFilter, from first: Int64, through last: Int64, _ db: Database
    ) throws -> RefusedPortion {
        var portion = RefusedPortion()
        var bytes = 0
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, topic, isWhole, LENGTH(payload) FROM refused
                WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR reason = ?3) ORDER BY id
                """, arguments: [first, last, filter.reason])
        var chosen: [Int64] = []
        while let row = try rows.next() {
            guard filter.topic?.matches(try row.checked(1)) ?? true else { continue }
            guard try row.checked(2) else {
                portion.cut += 1
                continue
            }
            let id: Int64 = try row.checked(0)
            bytes += try row.checked(3)
            chosen.append(id)
            if bytes >= portionBytes || chosen.count >= portionMessages {
                portion.next = id + 1
                break
            }
        }
        for id in chosen {
            if let message = try message(id, payloadBytes: largestPayload, db) {
                portion.messages.append(message)
            }
        }
        return portion
    }

    private static func message(_ id: Int64, payloadBytes: Int, _ db: Database) throws -> KeptMessage? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT household, topic, reason, convention, detail, arrival, retained, SUBSTR(payload, 1, ?),
                payloadBytes, isWhole, LENGTH(payload) FROM refused WHERE id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [payloadBytes, id]) else { return nil }
        return KeptMessage(
            id: id,
            message: RefusedMessage(
                household: try row.optional(0), topic: try row.checked(1),
                kind: RefusalKind(
                    reason: try row.checked(2),
                    convention: (try row.optional(3) as String?).map(Convention.init(rawValue:))),
                detail: try row.checked(4), arrival: try row.time(5), retained: try row.checked(6),
                // SUBSTR of nothing is NULL.
                payload: Array(try row.optional(7) as Data? ?? Data()), payloadBytes: max(0, try row.checked(8)),
                isWhole: try row.checked(9)),
            payloadKept: try row.checked(10))
    }

    // MARK: - After a second try

    /// Those that were understood leave; the others stay, with what was wrong this time.
    static func settle(_ verdicts: [(id: Int64, verdict: ReplayOutcome.Verdict)], _ db: Database) throws {
        for (id, verdict) in verdicts {
            switch verdict {
            case .understood: try db.execute(sql: "DELETE FROM refused WHERE id = ?", arguments: [id])
            case .refused(let kind, let detail):
                try db.execute(
                    sql: "UPDATE refused SET reason = ?, convention = ?, detail = ? WHERE id = ?",
                    arguments: [kind.reason, kind.convention?.rawValue, detail, id])
            }
        }
    }
}
