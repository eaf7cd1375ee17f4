import Readings

/// Decides which of a device's times to believe.
struct MessageClock: Sendable {
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
        return DeviceTime(instant: time, isBelievable: time.isBelievable(receivedAt: receivedAt))
    }
}
