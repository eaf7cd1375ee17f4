import Alerting
import Delivery
import QueryAPI
import Readings
import RingStore

extension DaemonBackend {
    func digests(of household: String?) async -> [DigestReport] {
        await courier.digests().compactMap { digest, next in
            guard let household else { return DigestReport(digest, next: next) }
            guard digest.households.contains(household) else { return nil }
            return DigestReport(digest.part(of: household), next: next)
        }
    }

    /// How many devices each household has, and which of them are silent. The default household is there even if it has none.
    func digestHouseholds(at wall: Timestamp) -> [DigestCondition.Household] {
        // What devices said, and not what is known of them.
        let call = RollCall(
            source: StoreSource(snapshot: store.snapshot()), rulesOwn: alerts.writtenMetrics, wall: wall)
        return (try? call.households(and: configuration.households.default)) ?? []
    }
}

extension DigestReport {
    fileprivate init(_ digest: DailyDigest, next: Timestamp) {
        self.init(
            channel: digest.channel, next: next.rfc3339, since: digest.since.rfc3339, calm: digest.isCalm,
            firing: digest.firing.count, ended: digest.ended.count,
            text: Dictionary(
                uniqueKeysWithValues: AlertNotice.Language.allCases.map { ($0.rawValue, digest.text(in: $0)) }))
    }
}
