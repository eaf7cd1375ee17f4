import Readings

/// Decides which of a device's times to believe.
struct MessageClock: Sendable {
    /// Before this a device's clock has not been set yet: 2000-01-01.
    private static let earliest = Timestamp(milliseconds: 946_684_800_000)
    /// How far a device's clock may be ahead of ours.
    private static let longestLeadMilliseconds: Int64 = 86_400_000

    var zoneClock: ZoneClock

    init(zone: HouseholdZone) {
        zoneClock = ZoneClock(zone)
    }

    /// The instant that `written` means, and whether the clock of a device whose message arrived at `receivedAt` can have
    /// been right.
    mutating func read(_ written: WrittenTime, receivedAt: Timestamp) -> DeviceTime {
        let time =
            switch written {
            case .instant(let instant): instant
            case .local(let civil): zoneClock.timestamp(civil, near: receivedAt)
            }
        let latest = receivedAt.advanced(byMilliseconds: MessageClock.longestLeadMilliseconds)
        return DeviceTime(instant: time, isBelievable: time >= MessageClock.earliest && time <= latest)
    }
}
