import Readings

/// What is known of a channel's digests beside what happens.
public struct DigestState: Sendable, Equatable, Codable {
    /// When the last one was made, or digests were first wanted.
    @WallTime var since: Timestamp
    /// The days that had theirs, the newest last; at most ``mostDays``.
    var days: [String]
    /// When the last one was made, in running time.
    var closed: Int64?
    /// When the daemon was last known to run.
    @WallTime var alive: Timestamp
    /// When it did not, since the last one.
    var absences: [DailyDigest.Absence] = []
    /// Beginnings of alerts for which there was no room.
    var more = 0

    static let mostDays = 60
    static let mostAbsences = 20

    init(since: Timestamp, days: [String]) {
        self.since = since
        self.days = days
        alive = since
    }

    mutating func note(absence milliseconds: Int64, endingAt end: Timestamp) {
        let absence = DailyDigest.Absence(from: end.advanced(byMilliseconds: -milliseconds), to: end)
        absences = Array((absences + [absence]).suffix(DigestState.mostAbsences))
    }

    mutating func closeDay(_ day: String, at now: DeliveryMoment, wall: Timestamp) {
        since = wall
        alive = wall
        days = Array((days + [day]).suffix(DigestState.mostDays))
        closed = now.milliseconds
        absences = []
        more = 0
    }

    /// Within what can be counted, whatever a damaged file says.
    var bounded: DigestState {
        var state = self
        state.more = min(max(0, more), DigestEntry.mostTimes)
        state.days = days.suffix(DigestState.mostDays)
        state.closed = closed.map { min(max(0, $0), .max / 4) }
        return state
    }
}

/// What an outbox holds of digests.
public struct DigestRows: Sendable, Equatable {
    /// What happened since each channel's last one.
    var open: [String: [DigestEntry]] = [:]
    var waiting: [DigestNotice] = []
    var states: [String: DigestState] = [:]
    /// The one that stands on the broker.
    var last: DigestNotice?

    public init() { self.init(open: [:]) }

    init(open: [String: [DigestEntry]], waiting: [DigestNotice] = [], states: [String: DigestState] = [:]) {
        self.open = open
        self.waiting = waiting
        self.states = states
    }

    static func + (a: DigestRows, b: DigestRows) -> DigestRows {
        var sum = DigestRows(
            open: a.open.merging(b.open) { $1 }, waiting: a.waiting + b.waiting,
            states: a.states.merging(b.states) { $1 })
        sum.last = a.last ?? b.last
        return sum
    }
}
