/// A moment of the time in which waiting is counted, in milliseconds: it goes on only while the daemon runs, and no clock that
/// is set moves it. The outbox keeps it, so that it goes on from there after a restart.
///
/// Notices that wait for the network must not expire because a clock without a battery was set right.
public struct DeliveryMoment: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static let zero = DeliveryMoment(milliseconds: 0)

    public static func < (a: DeliveryMoment, b: DeliveryMoment) -> Bool { a.milliseconds < b.milliseconds }

    /// Saturates, since what is read from a file may be any number.
    public func advanced(by wait: Duration) -> DeliveryMoment {
        let (sum, overflow) = milliseconds.addingReportingOverflow(wait.inMilliseconds)
        return DeliveryMoment(milliseconds: overflow ? .max : sum)
    }

    /// How long after `other` this is; nothing if it is before.
    public func elapsed(since other: DeliveryMoment) -> Duration {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
        return .milliseconds(overflow ? .max : max(0, difference))
    }
}

extension Duration {
    /// Whole milliseconds, cut, and within what 64 bits hold.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000_000_000
    }
}
