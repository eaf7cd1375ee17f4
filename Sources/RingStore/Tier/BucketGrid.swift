import Readings

/// Buckets of equal width, of which one begins at `origin`.
struct BucketGrid: Hashable, Sendable {
    /// In milliseconds, above 0.
    var width: Int64
    var origin: Int64 = 0

    /// Buckets as the tiers keep them.
    static func kept(width: Int64) -> BucketGrid {
        BucketGrid(width: width, origin: Aggregate.keptOrigin.milliseconds)
    }

    /// Where the bucket of `time` begins. Saturates at the ends of time, whose buckets are cut off there.
    @inline(__always)
    func start(of time: Int64) -> Int64 {
        // `time` − `origin` may overflow; what it leaves modulo the width does not.
        var into = (time % width - origin % width) % width
        if into < 0 { into += width }
        let (start, overflow) = time.subtractingReportingOverflow(into)
        return overflow ? .min : start
    }

    /// The last instant of the bucket of `time`.
    @inline(__always)
    func end(of time: Int64) -> Int64 {
        var into = (time % width - origin % width) % width
        if into < 0 { into += width }
        let (end, overflow) = time.addingReportingOverflow(width - 1 - into)
        return overflow ? .max : end
    }

    /// The range with the buckets at its ends taken in whole.
    func whole(_ range: ClosedRange<Int64>) -> ClosedRange<Int64> {
        start(of: range.lowerBound)...end(of: range.upperBound)
    }
}
