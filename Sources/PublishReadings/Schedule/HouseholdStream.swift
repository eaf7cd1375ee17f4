/// The messages of a household in the order in which they are due, without end.
///
/// When a message is due follows from the seed and the pace alone, and so does all that it says but its time of day.
struct HouseholdStream: MessageSource {
    enum Pace {
        /// Each device reports once in so many seconds.
        case everyDevice(seconds: Double)
        /// Each as devices of its kind do.
        case real
        /// All together, messages a second.
        case overall(messagesPerSecond: Double)
    }

    private let pace: Pace
    private let start: Int64
    private var household: Household
    private var faults: FaultInjector
    private var jitter: SplitMix64
    private var queue = DueQueue()
    private var hasAnnounced = false
    private var messages = 0
    private var reports = 0

    /// - Parameter start: milliseconds since 1970 of the first message.
    init(_ household: Household, pace: Pace, faults: FaultInjector, seed: UInt64, start: Int64) {
        self.household = household
        self.pace = pace
        self.faults = faults
        self.start = start
        jitter = SplitMix64(seed: seed).branch("jitter")
        var generator = SplitMix64(seed: seed).branch("phases")
        for device in 0..<household.deviceCount {
            let phase = generator.fraction()
            switch pace {
            case .everyDevice(let seconds): queue.push(DueQueue.Turn(due: phase * seconds, device: device))
            // Not all at once, but soon: whoever looks on wants to see each once.
            case .real: queue.push(DueQueue.Turn(due: phase * 10, device: device))
            case .overall: break
            }
        }
    }

    mutating func next() -> Burst? {
        guard hasAnnounced else {
            hasAnnounced = true
            let announcements = household.announcements()
            messages = announcements.count
            return Burst(due: 0, publications: announcements)
        }
        guard let turn = nextTurn() else { return nil }
        let now = start + Int64(turn.due * 1000)
        let report = household.report(of: turn.device, elapsed: turn.due, now: now)
        // What a fault holds back has been made all the same: time goes on.
        messages += report.count
        let delivered = faults.deliver(
            report, of: turn.device, tellsTime: household.tellsTime(device: turn.device), elapsed: turn.due)
        let flood = faults.isFloodDue(elapsed: turn.due) ? faults.flood(of: household.announcements()) : []
        return Burst(due: turn.due, publications: delivered + flood)
    }

    func farewell() -> [Publication] { household.farewell() }

    private mutating func nextTurn() -> DueQueue.Turn? {
        switch pace {
        case .overall(let rate):
            defer { reports += 1 }
            return DueQueue.Turn(due: Double(messages) / rate, device: reports % household.deviceCount)
        case .everyDevice(let interval):
            guard let turn = queue.pop() else { return nil }
            // Crystals differ: one in fifty.
            queue.push(
                DueQueue.Turn(due: turn.due + interval * (1 + jitter.uniform(-0.02...0.02)), device: turn.device))
            return turn
        case .real:
            while let turn = queue.pop() {
                let wait: Double =
                    switch household.cadence(ofDevice: turn.device) {
                    case .every(let seconds): seconds
                    case .between(let shortest, let longest): jitter.uniform(shortest...longest)
                    case .onChange(_, let check, _): check
                    }
                queue.push(DueQueue.Turn(due: turn.due + wait, device: turn.device))
                if household.isWorthReporting(turn.device, elapsed: turn.due) { return turn }
            }
            return nil
        }
    }
}
