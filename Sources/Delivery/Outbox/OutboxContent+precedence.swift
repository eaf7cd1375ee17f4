import Alerting
import GRDB

/// A row of the outbox.
enum OutboxRow: Sendable {
    case change(OutboxChange)
    /// One of the rule engine's.
    case state(key: String, value: String)
}

extension OutboxRow {
    /// The table that it is in.
    var table: String {
        switch self {
        case .state: "alertState"
        case .change(.told): "told"
        case .change(.put): "notice"
        case .change(.silence): "silence"
        case .change(.retained), .change(.cleared): "retained"
        case .change(.lingering): "lingering"
        case .change(.groupTold): "groupTold"
        case .change(.digestEntry): "digestEntry"
        case .change(.digestState): "digestState"
        case .change: "digest"
        }
    }

    func insert(_ db: Database) throws {
        switch self {
        case .change(let change): try OutboxTables.apply(change, db)
        case .state(let key, let value): try OutboxTables.save(value, of: key, db)
        }
    }
}

/// What is kept first where not all of it fits into the file.
///
/// What people asked for goes first: it is little, and nothing else would bring it back. Then who was told what, and how the alerts
/// stand: of these what waits can be made anew after a restart, by
/// ``Dispatcher/reconcile(firing:active:uncertain:rules:at:wall:)``, and without them nobody would know who believes what.
extension OutboxContent {
    /// What is kept first, and the rest, what would be missed most first.
    ///
    /// Essential for everybody to hear, after a restart, how things stand, and for nobody to hear what they silenced: the newest silences,
    /// what channels believe to fire, and the alerts' state. Then: other silences and which digests there were; what stands on the
    /// broker; what waits; what was told of ended alerts; what was cleared; pauses; what the engine can do without; digests.
    ///
    /// - Parameter roomForSilences: bytes that silences may take before all else.
    func rows(roomForSilences: Int) -> (essentials: [OutboxRow], others: [OutboxRow]) {
        let newest = newestSilences(within: roomForSilences)
        let essentials =
            asRows(silences.filter { newest.contains($0.id) }.map { .silence($0) })
            + asRows(OutboxTables.inOrder(told.filter(\.news.isFiring)).map { .told($0) })
            + engineRows { !SavedRow.isDispensable(key: $0) }
        var first: [OutboxChange] = silences.filter { !newest.contains($0.id) }.map { .silence($0) }
        first += digests.states.sorted { $0.key < $1.key }.map { .digestState(channel: $0.key, $0.value) }
        first += retained.map { .retained($0) }
        first += noticesByPrecedence.map { .put($0) }
        first += told.filter { !$0.news.isFiring }.sorted { $1.at < $0.at }.map { .told($0) }
        first += cleared.map { .cleared($0) }
        first += lingering.map { .lingering($0) }
        first += groupsTold.map { .groupTold($0) }
        var last: [OutboxChange] = digests.waiting.reversed().map { .putDigest($0) }
        for (channel, entries) in digests.open.sorted(by: { $0.key < $1.key }) {
            last += entries.map { .digestEntry(channel: channel, $0) }
        }
        if let standing = digests.last { last.append(.lastDigest(standing)) }
        return (essentials, asRows(first) + engineRows(where: SavedRow.isDispensable) + asRows(last))
    }

    /// Of those that are not over.
    func newestSilences(within room: Int) -> Set<Int64> {
        var room = room
        var newest: Set<Int64> = []
        for silence in silences.reversed() where silence.overSince == nil {
            room -= StoredSilence.size(silence)
            guard room >= 0 else { break }
            newest.insert(silence.id)
        }
        return newest
    }

    /// What another channel could not tell, and what waits for a straggler, goes first: nothing else would bring it back. Then the last change of each alert,
    /// where it is news for the channel. What a later change has overtaken, and ends of what was never told, come last, the
    /// oldest behind.
    var noticesByPrecedence: [Notice] {
        let believed = Set(told.filter(\.news.isFiring).map { Place($0.channel, $0.news) })
        var overtaken: Set<Place> = []
        var (passedOn, news, stale): ([Notice], [Notice], [Notice]) = ([], [], [])
        for notice in notices.reversed() {
            let place = Place(notice.channel, notice.news)
            let isLast = overtaken.insert(place).inserted
            if ChannelPolicy.isStraggler(notice.channel) {
                passedOn.append(notice)
            } else if !isLast || !notice.news.isFiring && !believed.contains(place) {
                stale.append(notice)
            } else if notice.undeliveredBy.isEmpty, notice.unacknowledgedOn.isEmpty {
                news.append(notice)
            } else {
                passedOn.append(notice)
            }
        }
        return passedOn.reversed() + news.reversed() + stale
    }

    /// One alert on one channel.
    private struct Place: Hashable {
        let channel: String
        let alert: String

        init(_ channel: String, _ news: News) {
            self.channel = channel
            alert = news.alert
        }
    }

    private func asRows(_ changes: [OutboxChange]) -> [OutboxRow] { changes.map { .change($0) } }

    private func engineRows(where isMeant: (String) -> Bool) -> [OutboxRow] {
        OutboxTables.inOrder(rows.filter { isMeant($0.key) }).map { .state(key: $0.key, value: $0.value) }
    }
}
