import Readings

/// What is known of one device's clock, and what that makes of its times. README.md beside it tells the rules and reasons.
///
/// A value without clock or I/O of its own: it is told when messages came and what they say.
struct DeviceClock: Sendable {
    /// The time that one message tells, and what belongs to it.
    struct Sighting {
        var arrival: Timestamp
        var deviceTime: Timestamp
        /// Whether a clock that is right can have shown it.
        var isBelievable: Bool
        /// Milliseconds since the device started, if the message tells it.
        var uptime: Int64?

        /// Milliseconds by which the device's time is ahead of its arrival.
        var ahead: Int64 { deviceTime.milliseconds(since: arrival) }
    }

    /// What is to be stored for a device's time.
    enum Verdict: Equatable {
        /// The time less so many milliseconds; less nothing if the clock is right.
        case shifted(by: Int64)
        /// The arrival: the time tells nothing.
        case byArrival
    }

    // All in milliseconds.
    /// A time further ahead of its arrival was shown by a clock that is wrong.
    static let mostAhead: Int64 = 30_000
    /// Beyond 35,000 years it is no time.
    static let mostDistance: Int64 = 1 << 50
    /// A message of a right clock may be so late without being looked at.
    private static let leastLag: Int64 = 60_000
    /// A clock that was wrong must come nearer than that to be right again.
    private static let nearEnough: Int64 = 10_000
    /// How far a held offset may be off.
    private static let mostDeviation: Int64 = 2_000
    /// A clock that changes by more than this has been set; by less, it drifts.
    private static let leastJump: Int64 = 60_000
    /// Nothing stays in a device's memory for longer: 31 days.
    private static let longestDelay: Int64 = 31 * 86_400_000

    /// By how much the clock is ahead, in whole seconds where possible; 0 while it is right.
    private(set) var offset: Int64 = 0
    /// The offset before the clock was set last.
    private(set) var formerOffset: Int64 = 0
    /// Whether the device's times were right in an earlier run.
    let wasRight: Bool

    /// The newest time stored.
    private var newestStored: Timestamp?
    /// Whether nothing has been heard yet of a clock that was wrong in an earlier run.
    private var isOfEarlierRun = false
    /// What a wrong clock has shown since it was set.
    private var shown: (first: Timestamp, newest: Timestamp)?
    private var lag = SteadyLag()
    private var absence = Absence()

    /// A device that is new.
    init() {
        wasRight = false
    }

    /// A device that an earlier run has known.
    ///
    /// - Parameters:
    ///   - offset: milliseconds by which its clock was ahead.
    ///   - time: the newest time stored for it.
    init(offset: Int64, until time: Timestamp) {
        self.offset = offset
        wasRight = offset == 0
        isOfEarlierRun = offset != 0
        newestStored = time
        absence = Absence(since: time)
        let device = time.advanced(byMilliseconds: offset)
        shown = (min(device, DeviceClock.firstDayOfClocks), device)
    }

    /// 1970-01-02. A clock that counts from 1970 and has come further, in whichever zone, has run for hours.
    private static let firstDayOfClocks = Timestamp(milliseconds: 86_400_000)

    // MARK: - Messages of now

    /// Takes a message into account that has just been sent, and tells what its times mean.
    mutating func judge(_ seen: Sighting) -> Verdict {
        guard seen.ahead.magnitude <= DeviceClock.mostDistance.magnitude else { return .byArrival }
        if standsStill(seen) {
            change(to: offsetNow(seen), seen)
            newestStored = seen.arrival
            return .byArrival
        }
        if let known = [0, formerOffset].first(where: { $0 != offset && hasReturned(to: $0, seen) }) {
            change(to: known, seen)
        }
        if isOnTime(seen, offset) { return live(seen) }
        return offset == 0 ? judgeRight(seen) : judgeWrong(seen)
    }

    /// A clock that was never set, and doesn't run either: its time must not make one reading of many.
    private func standsStill(_ seen: Sighting) -> Bool {
        offset != 0 && !seen.isBelievable && seen.deviceTime == shown?.newest
    }

    /// Whether the message came when it was measured, if the clock is ahead by `offset`.
    private func isOnTime(_ seen: Sighting, _ offset: Int64) -> Bool {
        guard offset == 0 else { return (offset - seen.ahead).magnitude <= DeviceClock.mostDeviation.magnitude }
        guard seen.isBelievable else { return false }
        return self.offset == 0
            ? (-DeviceClock.leastLag...DeviceClock.mostAhead).contains(seen.ahead)
            : seen.ahead.magnitude <= DeviceClock.nearEnough.magnitude
    }

    /// Whether the clock is set again as it was before. A message of a backlog looks like that, too, when it is as late as the
    /// clock has changed; but then it is newer than what came before it.
    private func hasReturned(to known: Int64, _ seen: Sighting) -> Bool {
        guard isOnTime(seen, known) else { return false }
        return isOfEarlierRun || seen.ahead > offset || newestStored.map { seen.time(offset) <= $0 } ?? true
    }

    /// The clock was right until now, and this did not come when it was measured.
    private mutating func judgeRight(_ seen: Sighting) -> Verdict {
        if let shift = shiftOfBacklog(seen) { return .shifted(by: shift) }
        if seen.isBelievable, seen.ahead < 0 {
            // Late, or of a clock that is behind. As long as it is not sure the device is believed.
            lag.note(arrival: seen.arrival, ahead: seen.ahead)
            guard lag.provesWrongClock(lag: -seen.ahead) else { return stored(seen) }
        }
        change(to: offsetNow(seen), seen)
        return live(seen)
    }

    private mutating func judgeWrong(_ seen: Sighting) -> Verdict {
        if isLate(seen) {
            lag.note(arrival: seen.arrival, ahead: seen.ahead)
            guard lag.provesChange else { return stored(seen) }
        }
        change(to: offsetNow(seen), seen)
        return live(seen)
    }

    /// Whether the message can have been measured earlier by the clock that is known. Nothing comes before it was measured: then
    /// the clock is further ahead than was known.
    private func isLate(_ seen: Sighting) -> Bool {
        let delay = offset - seen.ahead
        return delay >= -DeviceClock.mostDeviation && delay <= DeviceClock.longestDelay && !hasBegunAnew(seen)
    }

    /// Whether a clock that was never set counts from its beginning again, as after a restart or a deep sleep.
    private func hasBegunAnew(_ seen: Sighting) -> Bool {
        guard !seen.isBelievable, let shown else { return false }
        return seen.deviceTime <= shown.newest || shown.newest.milliseconds(since: shown.first) <= 120_000
    }

    /// The offset of a message that was measured before the clock was set, if it is known from then or by the uptime.
    private mutating func shiftOfBacklog(_ seen: Sighting) -> Int64? {
        if formerOffset != 0, !absence.contains(seen.deviceTime, at: seen.arrival),
            absence.use(seen.time(formerOffset), at: seen.arrival)
        {
            return formerOffset
        }
        guard !seen.isBelievable || seen.ahead > 0, let time = absence.time(ofUptime: seen.uptime),
            seen.deviceTime.milliseconds(since: time).magnitude <= DeviceClock.mostDistance.magnitude,
            absence.use(time, at: seen.arrival)
        else { return nil }
        return seen.deviceTime.milliseconds(since: time)
    }

    // MARK: - Messages that may be old

    /// What is retained, or may have come before, is dated by what is known and teaches nothing.
    func judgeOld(_ seen: Sighting) -> Verdict {
        guard seen.ahead.magnitude <= DeviceClock.mostDistance.magnitude else { return .byArrival }
        if offset != 0, isLate(seen) { return .shifted(by: offset) }
        return seen.isBelievable && seen.ahead <= DeviceClock.mostAhead ? .shifted(by: 0) : .byArrival
    }

    // MARK: - Changes

    private mutating func live(_ seen: Sighting) -> Verdict {
        absence.end(arrival: seen.arrival, measured: seen.time(offset), uptime: seen.uptime)
        shown = (shown?.first ?? seen.deviceTime, max(shown?.newest ?? seen.deviceTime, seen.deviceTime))
        if offset == 0 { lag.begin(arrival: seen.arrival, ahead: seen.ahead) } else { lag.forget() }
        return stored(seen)
    }

    private mutating func stored(_ seen: Sighting) -> Verdict {
        let time = seen.time(offset)
        newestStored = max(newestStored ?? time, time)
        isOfEarlierRun = false
        return .shifted(by: offset)
    }

    private mutating func change(to new: Int64, _ seen: Sighting) {
        if (new - offset).magnitude >= DeviceClock.leastJump.magnitude {
            formerOffset = offset
            shown = (seen.deviceTime, seen.deviceTime)
        }
        offset = new
        lag.forget()
    }

    /// The offset by which `seen` came when it was measured.
    ///
    /// In whole seconds, so that the mark of a repair stays the same number; but never such that something is measured after it
    /// came, or at the time of what came before it.
    private func offsetNow(_ seen: Sighting) -> Int64 {
        let whole = (seen.ahead > 0 ? seen.ahead + 999 : seen.ahead) / 1000 * 1000
        guard let newestStored, newestStored >= seen.time(whole),
            // Further ahead than this it is our own clock that has been set back.
            newestStored.milliseconds(since: seen.time(whole)) < DeviceClock.leastJump
        else { return whole }
        return seen.deviceTime.milliseconds(since: newestStored.advanced(byMilliseconds: 1))
    }
}

extension DeviceClock.Sighting {
    /// When it was measured, by a clock that is ahead by `offset` milliseconds.
    func time(_ offset: Int64) -> Timestamp {
        deviceTime.advanced(byMilliseconds: -offset)
    }
}
