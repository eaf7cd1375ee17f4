/// What the rows of a column come to, bucket by bucket, in chunks of the head that follow one another.
struct FoldedRun: Sendable {
    /// Rows that came in order are later than all of their group, and never change: so their group and the first instant tell
    /// them, as far as the run goes.
    struct Key: Hashable {
        let group: GroupKey
        let column: Int
        let firstTime: Int64
        let grid: BucketGrid
    }

    /// Of the last chunk's last row.
    let lastTime: Int64
    /// Digits after the point that all values of the first bucket are known to have: others may be added to it.
    let digits: Int
    /// None, if that is not known: then the rows must be read.
    let buckets: PackedBuckets

    /// With what the cache's own tables take.
    var memoryBytes: Int { 256 + buckets.memoryBytes }
}
