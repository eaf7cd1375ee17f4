import Readings

/// Watches over the quotas of all households. It lives on the ingest thread; what it remembers is bounded by the number of
/// households.
struct QuotaGate {
    private let table: QuotaTable
    private var newSeries: [String: TokenBucket] = [:]
    private var rates: [String: ReadingRate] = [:]
    private(set) var offenders = QuotaOffenders()

    init(_ table: QuotaTable) {
        self.table = table
    }

    /// Whether `count` readings of `device` may be stored; then they count.
    ///
    /// - Returns: nil if they may.
    mutating func admit(
        _ count: Int, of device: String, household: String, now: Timestamp
    ) -> WhyRefused? {
        guard let limit = table.quota(of: household).readingsPerSecond else { return nil }
        if rates[household, default: ReadingRate(perSecond: limit, now: now)].admit(count, of: device, now: now) {
            return nil
        }
        return why(
            .rate,
            "household \(household) sends more than the \(limit) readings a second of its quota; see "
                + "quota.readingsPerSecond"
        )
    }

    /// Whether a household that has `existing` series may begin another one; then it counts.
    ///
    /// - Returns: nil if it may.
    mutating func admitSeries(of household: String, existing: Int, now: Timestamp) -> WhyRefused? {
        let quota = table.quota(of: household)
        if let limit = quota.series, existing >= limit {
            return why(
                .series,
                "household \(household) has the \(limit) series of its quota; see quota.series, and which device makes "
                    + "ever new names"
            )
        }
        guard let limit = quota.newSeriesPerHour, existing >= limit else { return nil }
        let bucket = TokenBucket(perSecond: Double(limit) / 3600, capacity: Double(limit), now: now)
        if newSeries[household, default: bucket].take(1, now: now) { return nil }
        return why(
            .newSeries,
            "household \(household) began the \(limit) new series of its quota for an hour; see quota.newSeriesPerHour, "
                + "and which device makes ever new names"
        )
    }

    /// The series that was admitted last was not made after all.
    mutating func putBackSeries(of household: String) {
        newSeries[household]?.putBack(1)
    }

    /// Remembers who met a quota. Other refusals are nobody's fault.
    mutating func note(
        _ why: WhyRefused, readings: Int, of device: String, household: String, _ message: ReceivedMessage
    ) {
        guard let reason = QuotaReason(rawValue: why.kind.reason) else { return }
        offenders.add(
            QuotaOffenders.Offence(
                household: household, reason: reason, device: device, topic: message.topic, readings: readings),
            at: message.arrival)
    }

    private func why(_ reason: QuotaReason, _ detail: String) -> WhyRefused {
        WhyRefused(reason.rawValue, detail)
    }
}
