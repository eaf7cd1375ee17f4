import Readings

/// The time in which a device was last not heard of: a backlog that it sends afterwards was measured then.
struct Absence: Sendable {
    private var begin: Timestamp?
    private var end: Timestamp?
    /// When the last of the backlog came.
    private var lastUsed: Timestamp?
    private var lastLive: Timestamp?
    /// When the device started, by its uptime.
    private var started: Timestamp?

    /// A backlog doesn't pause for longer, in milliseconds.
    private static let longestPause: Int64 = 600_000

    init() {}

    init(since time: Timestamp) {
        lastLive = time
    }

    /// A message came when it was measured.
    mutating func end(arrival: Timestamp, measured: Timestamp, uptime: Int64?) {
        if let uptime { started = measured.advanced(byMilliseconds: -uptime) }
        if let last = lastLive ?? started, isOver(at: arrival) || arrival.milliseconds(since: last) > length {
            begin = last
            end = arrival
            lastUsed = arrival
        }
        lastLive = arrival
    }

    /// Whether something that arrives at `arrival` may have been measured at `time`, when nothing was heard.
    func contains(_ time: Timestamp, at arrival: Timestamp) -> Bool {
        guard !isOver(at: arrival), let begin, let end else { return false }
        return time > begin && time < end
    }

    /// The same, and if so more is to be expected.
    mutating func use(_ time: Timestamp, at arrival: Timestamp) -> Bool {
        guard contains(time, at: arrival) else { return false }
        lastUsed = arrival
        return true
    }

    func time(ofUptime uptime: Int64?) -> Timestamp? {
        guard let uptime else { return nil }
        return started?.advanced(byMilliseconds: uptime)
    }

    private var length: Int64 {
        guard let begin, let end else { return 0 }
        return end.milliseconds(since: begin)
    }

    private func isOver(at arrival: Timestamp) -> Bool {
        guard let lastUsed else { return true }
        return arrival.milliseconds(since: lastUsed) > Absence.longestPause
    }
}
