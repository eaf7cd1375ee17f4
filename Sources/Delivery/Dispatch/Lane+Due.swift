import Readings

/// Which of what waits goes out next, and what goes with it.
extension Lane {
    /// The oldest group that has waited long enough, in order; of each alert an unbroken run from its first change on.
    func dueNews(_ now: DeliveryMoment) -> [Notice]? {
        let aside = aside(at: now)
        let first = queue.first { $0.hold == .free && ready($0) <= now && !aside.contains($0.news.alert) }
        guard let first else { return nil }
        return chosenNews(first, butOf: aside).map(withEnds)
    }

    /// What is over already with its end, where the channel is not told of ends: of each alert the last beginning among
    /// `notices`, unless it fires again.
    func withEnds(_ notices: [Notice]) -> [Notice] {
        guard !policy.sendsResolved else { return notices }
        let lasts = Dictionary(notices.map { ($0.news.alert, $0.id) }, uniquingKeysWith: { $1 })
        return notices.map { notice in
            let alert = notice.news.alert
            guard lasts[alert] == notice.id, let last = queue.last(where: { $0.news.alert == alert })?.news,
                !last.isFiring
            else { return notice }
            var notice = notice
            notice.end = last
            return notice
        }
    }

    private func chosenNews(_ first: Notice, butOf aside: Set<String>) -> [Notice]? {
        let group = policy.group(of: first.news.labels)
        var chosen: [Notice] = []
        var alerts: Set<String> = []
        var ended = aside
        for notice in queue where policy.group(of: notice.news.labels) == group {
            // What is held back, or goes out with other things, goes before what follows it.
            if notice.hold != .free {
                ended.insert(notice.news.alert)
            }
            if ended.contains(notice.news.alert) { continue }
            if alone.contains(notice.id) {
                if chosen.isEmpty { return [notice] }
                break
            }
            // What the channel does not want makes no two messages of the beginnings around it.
            if !policy.sendsResolved, !notice.news.isFiring { continue }
            if alerts.contains(notice.news.alert) {
                guard policy.takesChangesTogether else { continue }
            } else {
                // What follows of those that have found room goes with them: apart it would tell people again that it fires.
                guard alerts.count < max(1, policy.mostTogether) else { continue }
                alerts.insert(notice.news.alert)
            }
            chosen.append(notice)
        }
        return chosen.isEmpty ? nil : chosen
    }

    /// The group of the reminder that is due first, with what of it would be due soon.
    func dueReminder(_ now: DeliveryMoment) -> [Told]? {
        guard let interval = policy.repeatInterval else { return nil }
        let waiting = Set(queue.map(\.news.alert)).union(aside(at: now))
        let due = told.values.compactMap { entry -> (entry: Told, moment: DeliveryMoment)? in
            let holds = entry.news.isFiring || entry.at.elapsed(since: entry.first) < policy.repeatsResolvedFor
            guard holds, entry.hold == .free, !waiting.contains(entry.news.alert) else { return nil }
            return (entry, entry.at.advanced(by: interval))
        }.sorted { ($0.moment, $0.entry.news.alert) < ($1.moment, $1.entry.news.alert) }
        guard let first = due.first, first.moment <= now else { return nil }
        let group = policy.group(of: first.entry.news.labels)
        // People would rather hear of all at once than one by one.
        let soon = now.advanced(by: interval < .seconds(600) ? .zero : interval / 2)
        return due.filter { $0.moment <= soon && policy.group(of: $0.entry.news.labels) == group }
            .prefix(max(1, policy.mostTogether)).map(\.entry)
    }
}
