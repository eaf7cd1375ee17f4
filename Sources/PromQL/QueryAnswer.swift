import Readings

/// What a query answers, with what is to be told beside it.
public struct QueryAnswer: Sendable {
    /// The answer itself.
    public let value: QueryValue
    /// Prometheus's annotations: what may make the answer wrong …
    public var warnings: [String] = []
    /// … and what one should know, each with its place in the query.
    public var infos: [String] = []
    /// What it cost.
    public let stats: QueryStats
}

/// What a query cost.
public struct QueryStats: Sendable, Equatable {
    /// Series that the selectors found.
    public var seriesSelected = 0
    /// Samples that were read from the store, and buckets that were read instead of their samples.
    public var samplesRead = 0
    /// Those of them that are buckets of a tier, by the tier's width in milliseconds.
    public var bucketsRead: [Int64: Int] = [:]
}

/// An answer in one of the language's types.
public enum QueryValue: Sendable, Equatable {
    case scalar(Sample)
    /// No two elements have the same labels. In the source's order.
    case vector([VectorElement])
    /// Sorted by labels.
    case matrix([RangeSeries])
    case string(String, at: Timestamp)

    /// Prometheus's `resultType`.
    public var typeName: String {
        switch self {
        case .scalar: "scalar"
        case .vector: "vector"
        case .matrix: "matrix"
        case .string: "string"
        }
    }
}

/// A series' value at the instant that was asked for.
public struct VectorElement: Sendable, Equatable {
    /// The series' labels, without `__name__` where an operator took it off.
    public var labels: Labels
    /// The instant that was asked for, and the value then.
    public var sample: Sample

    public init(labels: Labels, sample: Sample) {
        self.labels = labels
        self.sample = sample
    }
}

/// A series' values at the steps of a range; steps without a value are left out.
public struct RangeSeries: Sendable, Equatable {
    /// The series' labels, without `__name__` where an operator took it off.
    public var labels: Labels
    /// Ascending in time, never empty.
    public var samples: [Sample]

    public init(labels: Labels, samples: [Sample]) {
        self.labels = labels
        self.samples = samples
    }
}
