/// What the samples of one series in one bucket of time come to.
///
/// The same, bit for bit, whether it was computed from the samples or from a tier's records of them.
public struct Aggregate: Hashable, Sendable {
    /// The first instant of the bucket. It ends where the next one begins, which belongs to that one.
    public var start: Timestamp
    /// How many samples there are, NaNs among them.
    public var count: Int
    /// The least and the greatest value, NaNs left aside; NaN if there is nothing else.
    public var min: Double
    public var max: Double
    /// Exact for decimals: the sum of 0.1 and 0.2 is 0.3. Where there are values of more than twelve digits after the
    /// point, or of more than 2^51 in units of their last digit, Doubles are added one by one.
    public var sum: Double
    /// The values of the earliest and of the latest sample.
    public var first: Double
    public var last: Double

    public init(start: Timestamp, count: Int, min: Double, max: Double, sum: Double, first: Double, last: Double) {
        self.start = start
        self.count = count
        self.min = min
        self.max = max
        self.sum = sum
        self.first = first
        self.last = last
    }

    /// Where one of the minutes and hours begins that a store keeps in the place of readings: a millisecond behind the whole
    /// minute, so that a reading at 12:00:00.000 belongs to the minute that ends then. So are the ranges of PromQL, which are
    /// open on the left.
    public static let keptOrigin = Timestamp(milliseconds: 1)

    /// The instant behind which the bucket begins: what people call its start, where it is open on the left.
    public var edge: Timestamp { start.advanced(byMilliseconds: -1) }

    /// The arithmetic mean; NaN if the sum is.
    public var mean: Double { sum / Double(count) }
}
