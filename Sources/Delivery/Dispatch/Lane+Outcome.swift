import Readings

/// What becomes of what was sent, by its outcome.
extension Lane {
    mutating func putOff(reminderOf alert: String, _ now: DeliveryMoment) -> [OutboxChange] {
        aside[alert] = nil
        unannounced[alert] = nil
        told[alert]?.at = now
        return hold(.free, told: alert)
    }

    /// What is refused alone is given up; of several each is tried alone.
    mutating func refused(
        _ dispatch: Dispatch, _ reason: String, _ now: DeliveryMoment, _ wall: Timestamp
    ) -> (changes: [OutboxChange], refused: Untold) {
        let (notices, reminders) = (dispatch.notices, dispatch.reminders)
        var changes: [OutboxChange] = []
        var refused = Untold()
        // Not each reminder is tried again: the next one is due in its time.
        for alert in reminders.map(\.news.alert) { changes += putOff(reminderOf: alert, now) }
        if let digest = dispatch.digest {
            health.reject(reason, wall)
            // As it stands now: it may have been escalated while it was under way.
            for one in digests where one.isSame(as: digest) { refused.add(one) }
            changes += remove(digest)
        } else if notices.count == 1, reminders.isEmpty {
            health.reject(reason, wall)
            for one in queue where one.id == notices[0].id { refused.add(one) }
            changes += giveUp(notices[0], because: reason, now, wall)
        } else if notices.isEmpty {
            health.reject(reason, wall)
        } else {
            health.lastError = reason
            alone.formUnion(notices.map(\.id))
        }
        return (changes, refused)
    }

    mutating func delivered(_ dispatch: Dispatch, _ now: DeliveryMoment, _ wall: Timestamp) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        health.delivered += UInt64(dispatch.notices.count)
        changes += noteGroups(of: dispatch.notices, now)
        if let digest = dispatch.digest { changes += remove(digest) + noteLast(digest) }
        for notice in dispatch.notices {
            aside[notice.news.alert] = nil
            unannounced[notice.news.alert] = nil
            if !policy.sendsResolved { changes += removeEnds(before: notice) }
            remove(id: notice.id)
            changes += [.remove(id: notice.id)] + tell(notice.news, now, wall, failure: nil)
        }
        for entry in dispatch.reminders {
            aside[entry.news.alert] = nil
            unannounced[entry.news.alert] = nil
            guard var known = told[entry.news.alert], known.news == entry.news else { continue }
            // A minute's repeats are not worth a memory card's wear: after a restart they begin at once.
            let isKept = known.hold == .released || policy.repeatInterval ?? .zero >= .seconds(600)
            known.at = now
            known.time = wall
            known.failure = nil
            if known.hold == .released { known.hold = .free }
            told[entry.news.alert] = known
            if isKept { changes.append(.told(known)) }
        }
        return changes
    }

    /// Those that are not wanted, and lie between beginnings that were told together.
    private mutating func removeEnds(before notice: Notice) -> [OutboxChange] {
        let ends = queue.filter { $0.id < notice.id && $0.news.alert == notice.news.alert && !$0.news.isFiring }
        for end in ends { remove(id: end.id) }
        return ends.map { .remove(id: $0.id) }
    }

    mutating func tried(_ notices: [Notice], _ reason: String) -> [OutboxChange] {
        notices.compactMap { notice in
            guard let index = queue.firstIndex(where: { $0.id == notice.id }) else { return nil }
            queue[index].attempts += 1
            queue[index].lastError = reason
            // Not each of thousands of tries is worth a memory card's wear.
            return queue[index].attempts.nonzeroBitCount == 1 ? .update(queue[index]) : nil
        }
    }

    mutating func giveUp(
        _ notice: Notice, because reason: String, _ now: DeliveryMoment, _ wall: Timestamp
    ) -> [OutboxChange] {
        remove(id: notice.id)
        aside[notice.news.alert] = nil
        unannounced[notice.news.alert] = nil
        return [.remove(id: notice.id)] + tell(notice.news, now, wall, failure: reason)
            + book.noteFailure(notice.news.alert, reason)
    }

    /// What its recipients know is the channel's to remember, and not a straggler's.
    private mutating func tell(
        _ news: News, _ now: DeliveryMoment, _ wall: Timestamp, failure: String?
    ) -> [OutboxChange] {
        guard policy.stragglerOf == nil else { return [] }
        let entry = Told(channel: policy.name, news: news, at: now, time: wall, failure: failure)
        told[news.alert] = entry
        return [.told(entry)]
    }
}
