/// What one household may have and send. A limit that is nil does not exist.
public struct HouseholdQuota: Sendable, Equatable {
    /// Series that it may have in the store, all that it ever had included.
    public var series: Int?
    /// Series that it may begin in an hour, beyond its first ones: a household that has fewer series than this begins them
    /// freely, and one that was quiet may begin an hour's worth at once.
    public var newSeriesPerHour: Int?
    /// Readings a second in the long run. An hour's worth may come at once, as from devices that were cut off.
    public var readingsPerSecond: Int?

    public init(series: Int? = nil, newSeriesPerHour: Int? = nil, readingsPerSecond: Int? = nil) {
        self.series = series
        self.newSeriesPerHour = newSeriesPerHour
        self.readingsPerSecond = readingsPerSecond
    }

    public static let unlimited = HouseholdQuota()

    /// Never met by five hundred devices: those have ten to forty series each, and a new home begins twice the hourly number
    /// at once.
    public static let `default` = HouseholdQuota(series: 50_000, newSeriesPerHour: 10_000)
}

/// The quota of every household.
public struct QuotaTable: Sendable, Equatable {
    /// Of households that have none of their own.
    public var `default`: HouseholdQuota
    public var byHousehold: [String: HouseholdQuota]

    public init(default: HouseholdQuota = .unlimited, byHousehold: [String: HouseholdQuota] = [:]) {
        self.default = `default`
        self.byHousehold = byHousehold
    }

    public static let unlimited = QuotaTable()

    func quota(of household: String) -> HouseholdQuota {
        byHousehold.isEmpty ? `default` : byHousehold[household] ?? `default`
    }
}

/// Which limit kept readings from being stored.
public enum QuotaReason: String, Sendable, Hashable, CaseIterable {
    case series = "quota_series"
    case newSeries = "quota_new_series"
    case rate = "quota_rate"
}
