import Readings

/// Notices that the wall clock was set, by a clock that runs on while the machine sleeps and that nobody sets.
struct ClockWatch {
    private var last: (wall: Timestamp, running: ContinuousClock.Instant)?

    /// Less is a clock that is kept right little by little.
    private static let leastMilliseconds: Int64 = 500

    /// By how many milliseconds the wall clock, which says `wall`, was set since the last call; nil if it was not.
    mutating func shift(_ wall: Timestamp, running: ContinuousClock.Instant = .now) -> Int64? {
        defer { last = (wall, running) }
        guard let last else { return nil }
        let shift = wall.milliseconds(since: last.wall) - (running - last.running).wholeMilliseconds
        return abs(shift) >= ClockWatch.leastMilliseconds ? shift : nil
    }
}
