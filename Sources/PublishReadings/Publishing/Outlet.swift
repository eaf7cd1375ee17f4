/// Where messages go: to a broker, or onto the screen.
protocol Outlet {
    func publish(_ publication: Publication) throws
    /// Comes back at `deadline`, or sooner if a stop is requested.
    func wait(until deadline: ContinuousClock.Instant) throws
    /// How many messages have arrived for sure; nil if nobody says so.
    var acknowledged: Int? { get }
    /// Comes back when all that was published has arrived.
    func finish() throws
}
