/// How a query is run.
public struct QueryOptions: Sendable {
    /// How old the newest sample may be to count as a series' value now, in milliseconds: Prometheus's five minutes.
    public var lookbackMilliseconds: Int64
    /// The step of subqueries that don't name one, in milliseconds.
    public var subqueryStepMilliseconds: Int64
    /// How many warnings and how many infos an answer has at most; of the rest it has the number.
    public var maximumAnnotations: Int
    /// What the query may cost at most.
    public var limits: QueryLimits
    /// Asked now and then while the query runs; true ends it with `canceled`.
    public var isCancelled: @Sendable () -> Bool

    public init(
        lookbackMilliseconds: Int64 = 300_000, subqueryStepMilliseconds: Int64 = 60_000, maximumAnnotations: Int = 10,
        limits: QueryLimits = QueryLimits(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.lookbackMilliseconds = lookbackMilliseconds
        self.subqueryStepMilliseconds = subqueryStepMilliseconds
        self.maximumAnnotations = maximumAnnotations
        self.limits = limits
        self.isCancelled = isCancelled
    }
}

/// What one query may cost at most. Whatever it exceeds first ends it, with an error that names the limit.
public struct QueryLimits: Sendable {
    /// Steps of a range query.
    public var maximumPointsPerSeries: Int
    /// Steps of a subquery, over all steps of the query.
    public var maximumSubquerySteps: Int
    /// Series that one selector may find.
    public var maximumSeries: Int
    /// Samples that are read from the store.
    public var maximumSamples: Int
    /// Values in the answer, all series together, at 16 bytes each.
    public var maximumPoints: Int
    /// Bytes that the answer and what leads to it hold at the same time, as far as they grow with the data.
    public var maximumMemory: Int
    /// Bytes that a label value which a function puts together may have.
    public var maximumLabelBytes: Int
    /// How long the query may run.
    public var timeout: Duration

    public init(
        maximumPointsPerSeries: Int = 11_000, maximumSubquerySteps: Int = 1_000_000, maximumSeries: Int = 100_000,
        maximumSamples: Int = 200_000_000,
        maximumPoints: Int = 5_000_000, maximumMemory: Int = 64 << 20, maximumLabelBytes: Int = 64 << 10,
        timeout: Duration = .seconds(120)
    ) {
        self.maximumPointsPerSeries = maximumPointsPerSeries
        self.maximumSubquerySteps = maximumSubquerySteps
        self.maximumSeries = maximumSeries
        self.maximumSamples = maximumSamples
        self.maximumPoints = maximumPoints
        self.maximumMemory = maximumMemory
        self.maximumLabelBytes = maximumLabelBytes
        self.timeout = timeout
    }
}
