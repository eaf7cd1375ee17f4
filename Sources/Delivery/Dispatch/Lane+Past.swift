import Readings

/// For how long it is remembered what the channel was told of alerts that are over.
extension Lane {
    /// How long a resolved alert is shown.
    static let resolvedShownFor = Duration.seconds(86_400)

    /// Whether people are still shown that it was told.
    func isShown(_ entry: Told, at now: DeliveryMoment) -> Bool {
        entry.news.isFiring || now.elapsed(since: entry.at) <= Lane.resolvedShownFor
    }

    /// Forgets what is of no use any more.
    ///
    /// - Parameter kept: how many that are not shown any more are remembered all the same, and which, if the channel speaks to the
    ///   broker: it may have to be told again how they stand.
    mutating func forgetPast(
        at now: DeliveryMoment, kept: (most: Int, isKept: (String) -> Bool)
    ) -> [OutboxChange] {
        let past = told.values.filter { !isShown($0, at: now) }
        guard !past.isEmpty else { return [] }
        let standing = policy.retention == nil ? [] : past.filter { kept.isKept($0.news.alert) }
        let newest = standing.sorted { ($1.at, $0.news.alert) < ($0.at, $1.news.alert) }.prefix(
            kept.most)
        let stays = Set(newest.map(\.news.alert))
        return past.map(\.news.alert).filter { !stays.contains($0) }.sorted().map { alert in
            forget(alert)
            return .forget(channel: policy.name, alert: alert)
        }
    }
}
