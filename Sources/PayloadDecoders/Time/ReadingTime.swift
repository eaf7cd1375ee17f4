import Readings

/// When readings were measured, as far as their message tells.
struct ReadingTime {
    let time: Timestamp
    /// Whether `time` is the device's own.
    let isDevices: Bool
    /// What the device's clock showed.
    let deviceTime: Timestamp?

    /// - Parameter told: the device's own time, if it gave one; where that cannot be believed, the arrival counts.
    /// - Returns: nil if nobody knows: a retained message without a time of its own may be years old.
    init?(_ told: DeviceTime?, arrival: Arrival) {
        let believed = told.flatMap { $0.isBelievable ? $0.instant : nil }
        if arrival.isRetained, believed == nil { return nil }
        time = believed ?? arrival.receivedAt
        isDevices = believed != nil
        deviceTime = told.flatMap { $0.isRelative ? nil : $0.instant }
    }
}
