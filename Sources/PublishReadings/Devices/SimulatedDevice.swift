/// A device of the simulated household, which speaks one convention.
protocol SimulatedDevice {
    /// Whether its messages tell their own time.
    var tellsTime: Bool { get }
    var clock: Moment.DeviceClock { get set }

    /// What it says when it comes up: its discovery, its name, that it is there. Mostly retained.
    func announcements(at moment: Moment) -> [Publication]

    /// What it measures now.
    mutating func report(_ scene: Scene, at moment: Moment) -> [Publication]

    /// What it, or the broker for it, says when it leaves.
    func farewell() -> [Publication]
}
