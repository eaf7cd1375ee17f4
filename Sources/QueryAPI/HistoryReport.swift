/// One series of `GET /api/v1/history`: what its readings come to in each step that has some. The arrays are as long as each
/// other, one element a step.
public struct HistoryReport: Codable, Sendable {
    /// All labels, the metric's name as `__name__`.
    public var metric: [String: String]
    public var unit: String?
    /// When each step begins, in seconds since 1970: it holds what is later.
    public var start: [Double]
    /// When each step ends: the last instant that is in it. Steps are longer than was asked for where less is kept. Nil
    /// from a daemon that has only steps of the length asked for.
    public var end: [Double]?
    /// How many readings the step has.
    public var count: [Int]
    /// The least and the greatest reading; null if no reading of the step is a finite number.
    public var min: [Double?]
    public var max: [Double?]
    /// The arithmetic mean; null likewise.
    public var mean: [Double?]
    /// The earliest and the latest reading.
    public var first: [Double?]
    public var last: [Double?]

    public init(
        metric: [String: String], unit: String?, start: [Double], end: [Double]?, count: [Int], min: [Double?],
        max: [Double?], mean: [Double?], first: [Double?], last: [Double?]
    ) {
        self.metric = metric
        self.unit = unit
        self.start = start
        self.end = end
        self.count = count
        self.min = min
        self.max = max
        self.mean = mean
        self.first = first
        self.last = last
    }
}
