import Readings

/// Holds a household to its readings a second, and its busy devices before its quiet ones.
///
/// Three quarters of the rate are whoever's comes first, and an hour's worth of them may be saved up. The last quarter is
/// only for devices that send less than an eighth of what comes: one that has gone wild does not silence the freezer.
struct ReadingRate: Sendable {
    private var common: TokenBucket
    private var reserve: TokenBucket
    private var busiest = HeavyHitters(limit: 16)
    /// What `busiest` has counted, of all devices.
    private var total: UInt64 = 0
    private var halved: Timestamp

    init(perSecond: Int, now: Timestamp) {
        let rate = Double(perSecond)
        common = TokenBucket(perSecond: rate * 0.75, capacity: rate * 0.75 * 3600, now: now)
        reserve = TokenBucket(perSecond: rate * 0.25, capacity: rate * 0.25 * 3600, now: now)
        halved = now
    }

    /// Whether `count` readings of `device` may be stored; then they count.
    mutating func admit(_ count: Int, of device: String, now: Timestamp) -> Bool {
        let age = now.milliseconds(since: halved)
        if age > 60_000 || age < 0 {
            busiest.halve()
            total /= 2
            halved = now
        }
        busiest.add(device, UInt64(count))
        total += UInt64(count)
        if common.take(count, now: now) { return true }
        let isBusy = busiest.count(of: device) > total / 8 && total > 64
        return !isBusy && reserve.take(count, now: now)
    }
}
