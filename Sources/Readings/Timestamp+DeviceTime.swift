extension Timestamp {
    /// Before this a device's clock has not been set yet: 2000-01-01.
    private static let firstOfDevices = Timestamp(milliseconds: 946_684_800_000)
    /// How far a device's clock may be ahead of ours.
    private static let longestLeadMilliseconds: Int64 = 86_400_000

    /// Whether the clock of a device can have been right that shows this time in a message that arrived at `arrival`: not
    /// before 2000, and not ahead by more than a day.
    public func isBelievable(receivedAt arrival: Timestamp) -> Bool {
        self >= Timestamp.firstOfDevices && self <= arrival.advanced(byMilliseconds: Timestamp.longestLeadMilliseconds)
    }
}
