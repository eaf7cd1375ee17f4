/// How long to wait before the next try: doubling from one second to a minute, each wait drawn from its upper half, so
/// that a thousand daemons do not return to a restarted broker in the same instant.
struct ReconnectBackoff {
    static let first: Duration = .seconds(1)
    static let longest: Duration = .seconds(60)

    private var next = first

    /// The wait before the next try.
    mutating func wait(using generator: inout some RandomNumberGenerator) -> Duration {
        let wait = next * Double.random(in: 0.5...1, using: &generator)
        next = min(next * 2, ReconnectBackoff.longest)
        return wait
    }

    /// Called when the broker accepted us. A TCP connection is no sign: a broker that refuses every CONNECT would be
    /// asked in a tight loop.
    mutating func reset() {
        next = ReconnectBackoff.first
    }

    /// Called when trying again soon can only do harm, as when another client uses our name.
    mutating func lengthen() {
        next = ReconnectBackoff.longest
    }
}
