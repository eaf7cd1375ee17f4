/// How a query is run.
public struct QueryOptions: Sendable {
    /// How old the newest sample may be to count as a series' value now, in milliseconds: Prometheus's five minutes.
    public var lookbackMilliseconds: Int64
    /// What the query may cost at most.
    public var limits: QueryLimits
    /// Asked now and then while the query runs; true ends it with `canceled`.
    public var isCancelled: @Sendable () -> Bool

    public init(
        lookbackMilliseconds: Int64 = 300_000, limits: QueryLimits = QueryLimits(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.lookbackMilliseconds = lookbackMilliseconds
        self.limits = limits
        self.isCancelled = isCancelled
    }
}

/// What one query may cost at most. Whatever it exceeds first ends it, with an error that names the limit.
public struct QueryLimits: Sendable {
    /// Steps of a range query.
    public var maximumPointsPerSeries: Int
    /// Series that one selector may find.
    public var maximumSeries: Int
    /// Samples that are read from the store.
    public var maximumSamples: Int
    /// Values in the answer, all series together: what it may fill of the memory, at 16 bytes each.
    public var maximumPoints: Int
    /// How long the query may run.
    public var timeout: Duration

    public init(
        maximumPointsPerSeries: Int = 11_000, maximumSeries: Int = 100_000, maximumSamples: Int = 200_000_000,
        maximumPoints: Int = 5_000_000, timeout: Duration = .seconds(120)
    ) {
        self.maximumPointsPerSeries = maximumPointsPerSeries
        self.maximumSeries = maximumSeries
        self.maximumSamples = maximumSamples
        self.maximumPoints = maximumPoints
        self.timeout = timeout
    }
}
