import Readings

/// What a device's clock showed, and whether it can have been right.
struct DeviceTime {
    var instant: Timestamp
    /// False for a clock that was never set, or that is ahead of ours by more than a day.
    var isBelievable: Bool
    /// Whether it was counted from the arrival, so that there is no clock of the device's in it.
    var isRelative = false

    /// The better of two times of one message: a believable one, and among equals the one that stands nearer to the values.
    static func better(_ near: DeviceTime?, _ far: DeviceTime?) -> DeviceTime? {
        guard let near else { return far }
        guard let far, far.isBelievable, !near.isBelievable else { return near }
        return far
    }
}
