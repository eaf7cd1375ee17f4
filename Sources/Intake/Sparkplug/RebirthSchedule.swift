import Readings

/// How seldom Sparkplug edge nodes are asked for a rebirth: at once, and while the need goes on after one minute, two, four, at
/// last once an hour. Every message may show the need, and a rebirth is large.
struct RebirthSchedule {
    private struct Asked {
        var at: Timestamp
        /// Before the next time.
        var waitMilliseconds: Int64
        var lastWanted: Timestamp
    }

    private static let shortestWait: Int64 = 60_000
    private static let longestWait: Int64 = 3_600_000
    /// After so long without need it begins anew.
    private static let quiet: Int64 = 600_000
    /// Beyond so many edge nodes nobody new is asked until others were quiet for an hour.
    static let limit = 1024

    private var asked: [SparkplugEdgeNode: Asked] = [:]
    /// Of all edge nodes: whoever invents names must not make us publish without end.
    private var all: TokenBucket

    init(now: Timestamp) {
        all = TokenBucket(perSecond: 1, capacity: 60, now: now)
    }

    /// Whether `edge`, of which something is missing, is to be asked now.
    mutating func isDue(_ edge: SparkplugEdgeNode, now: Timestamp) -> Bool {
        guard var before = asked[edge], now.milliseconds(since: before.lastWanted) <= Self.quiet else {
            guard asked[edge] != nil || hasRoom(now), all.take(1, now: now) else { return false }
            asked[edge] = Asked(at: now, waitMilliseconds: Self.shortestWait, lastWanted: now)
            return true
        }
        defer { asked[edge] = before }
        let passed = now.milliseconds(since: before.at)
        // A clock that was set back would keep us waiting for ever.
        if passed < 0 { before.at = now }
        before.lastWanted = now
        guard passed >= before.waitMilliseconds, all.take(1, now: now) else { return false }
        before.at = now
        before.waitMilliseconds = min(Self.longestWait, 2 * before.waitMilliseconds)
        return true
    }

    private mutating func hasRoom(_ now: Timestamp) -> Bool {
        if asked.count < Self.limit { return true }
        asked = asked.filter { abs(now.milliseconds(since: $0.value.lastWanted)) < Self.longestWait }
        return asked.count < Self.limit
    }
}
