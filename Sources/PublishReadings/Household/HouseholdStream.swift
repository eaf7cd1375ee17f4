/// The messages of a household in the order in which they are due, without end.
///
/// When a message is due follows from the seed and the pace alone, and so does all that it says but its time of day.
struct HouseholdStream {
    enum Pace {
        /// Each device reports once in so many seconds.
        case everyDevice(seconds: Double)
        /// All together, messages a second.
        case overall(messagesPerSecond: Double)
    }

    /// Messages of one device that are due together.
    struct Burst {
        /// Seconds after the start.
        var due: Double
        var publications: [Publication]
    }

    private let pace: Pace
    private let start: Int64
    private var household: Household
    private var faults: FaultInjector
    private var phases: [Double]
    private var jitter: SplitMix64
    private var hasAnnounced = false
    private var messages = 0
    private var reports = 0
    private var round: [(due: Double, device: Int)] = []
    private var roundNumber = 0

    /// - Parameter start: milliseconds since 1970 of the first message.
    init(_ household: Household, pace: Pace, faults: FaultInjector, seed: UInt64, start: Int64) {
        self.household = household
        self.pace = pace
        self.faults = faults
        self.start = start
        jitter = SplitMix64(seed: seed).branch("jitter")
        var generator = SplitMix64(seed: seed).branch("phases")
        phases = (0..<household.deviceCount).map { _ in generator.fraction() }
    }

    mutating func next() -> Burst {
        guard hasAnnounced else {
            hasAnnounced = true
            let announcements = household.announcements(at: moment(0))
            messages = announcements.count
            return Burst(due: 0, publications: announcements)
        }
        let (due, device) = nextTurn()
        let report = household.report(of: device, at: moment(due))
        let publications = faults.deliver(
            report, of: device, tellsTime: household.tellsTime(device: device), elapsed: due)
        // What a fault holds back has been made all the same: time goes on.
        messages += report.count
        return Burst(due: due, publications: publications)
    }

    func farewell() -> [Publication] { household.farewell() }

    private func moment(_ elapsed: Double) -> Moment {
        Moment(elapsed: elapsed, unixMilliseconds: start + Int64(elapsed * 1000))
    }

    private mutating func nextTurn() -> (due: Double, device: Int) {
        switch pace {
        case .overall(let rate):
            defer { reports += 1 }
            return (Double(messages) / rate, reports % household.deviceCount)
        case .everyDevice(let interval):
            if round.isEmpty { planRound(interval) }
            return round.removeLast()
        }
    }

    /// Devices keep their own places within a round, give or take two percent of it.
    private mutating func planRound(_ interval: Double) {
        round = phases.indices.map { device in
            let place = min(0.999, max(0, phases[device] + 0.02 * jitter.gaussian()))
            return ((Double(roundNumber) + place) * interval, device)
        }
        round.sort { ($0.due, $0.device) > ($1.due, $1.device) }
        roundNumber += 1
    }
}
