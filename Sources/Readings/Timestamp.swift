/// An instant, in whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Every time in Quantrac has this resolution: it is what sensors' own clocks carry, and what Prometheus's API shows.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    @inlinable
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The instant `seconds` after 1970, rounded to the nearest millisecond; nil for what is not finite or lies outside
    /// ±292 million years, which is what 64 bits of milliseconds hold.
    @inlinable
    public init?(secondsSince1970 seconds: Double) {
        guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else { return nil }
        self.milliseconds = milliseconds
    }

    @inlinable
    public var secondsSince1970: Double { Double(milliseconds) / 1000 }

    @inlinable
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The instant `milliseconds` later. Saturates: the sums of hostile input must not trap.
    @inlinable
    public func advanced(byMilliseconds milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// How many milliseconds lie between `other` and this instant, negative if `other` is the later. Saturates.
    @inlinable
    public func milliseconds(since other: Timestamp) -> Int64 {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
        return overflow ? (milliseconds < 0 ? .min : .max) : difference
    }
}
