import Readings

/// Whether our own clock may be behind. A machine without a clock that runs on battery starts with the time at which it was
/// switched off, and goes on with that until it is told better.
///
/// So while no device has been on time since the start, one whose times were right before goes before our clock: for good if
/// a second one says the same, for two minutes if it stays alone.
struct HostClock: Sendable {
    /// Whether a device has been on time, or none has spoken against our clock for long enough.
    private var isProven = false
    /// How far our clock seems to be behind.
    private var lag: Int64 = 0
    private var doubtedSince: Timestamp?
    private var voters: Set<DeviceTable.Key> = []

    // In milliseconds.
    private static let mostDeviation = DeviceClock.mostAhead
    private static let graceOfOne: Int64 = 120_000

    /// By how many milliseconds our clock is behind, as far as this message and those before it tell; nil if only this device
    /// says so, and says more than can be believed.
    ///
    /// - Parameter isOld: whether the message may have waited somewhere.
    mutating func lag(
        _ seen: DeviceClock.Sighting, of device: DeviceTable.Key, wasRight: Bool, isOld: Bool
    ) -> Int64? {
        guard !isProven else { return 0 }
        if !isOld, seen.isBelievable, seen.ahead.magnitude <= HostClock.mostDeviation.magnitude {
            isProven = true
            return 0
        }
        if wasRight, (HostClock.mostDeviation...DeviceClock.mostDistance).contains(seen.ahead) {
            note(seen, of: device)
            if let since = doubtedSince, voters.count == 1,
                seen.arrival.milliseconds(since: since) > HostClock.graceOfOne
            {
                isProven = true
                return 0
            }
            return seen.isBelievable || voters.count > 1 ? lag : nil
        }
        return voters.count > 1 ? lag : 0
    }

    private mutating func note(_ seen: DeviceClock.Sighting, of device: DeviceTable.Key) {
        if seen.ahead > lag + HostClock.mostDeviation {
            // What said less before was late.
            lag = seen.ahead
            voters = []
        }
        if doubtedSince == nil { doubtedSince = seen.arrival }
        if voters.count < 2, seen.ahead >= lag - HostClock.mostDeviation { voters.insert(device) }
    }
}
