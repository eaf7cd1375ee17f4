import Readings

/// Turns what a household's clocks show into instants.
///
/// Offsets are remembered for each quarter of an hour, since no zone has changed its clocks at another minute in this
/// century; so the calendar is asked a few times an hour and not with every message.
struct ZoneClock: Sendable {
    private struct Entry: Sendable {
        var quarter: Int64
        var offset: Int
    }

    private static let size: Int64 = 64
    private static let quarterMilliseconds: Int64 = 900_000
    private static let dayMilliseconds: Int64 = 86_400_000

    let zone: HouseholdZone
    private var entries: [Entry?] = Array(repeating: nil, count: Int(size))

    init(_ zone: HouseholdZone) {
        self.zone = zone
    }

    /// The instant at which the clocks show `civil`.
    ///
    /// An hour that comes twice when clocks are set back is the one nearer to `hint`. One that is skipped when they
    /// are set forward is taken as if they had not been set yet.
    mutating func timestamp(_ civil: CivilTime, near hint: Timestamp) -> Timestamp {
        let asUTC = civil.timestamp(secondsEastOfUTC: 0)
        let before = offset(at: asUTC.advanced(byMilliseconds: -ZoneClock.dayMilliseconds))
        let after = offset(at: asUTC.advanced(byMilliseconds: ZoneClock.dayMilliseconds))
        let early = asUTC.advanced(byMilliseconds: -1000 * Int64(before))
        if before == after { return early }
        let late = asUTC.advanced(byMilliseconds: -1000 * Int64(after))
        switch (offset(at: early) == before, offset(at: late) == after) {
        case (true, true):
            return early.milliseconds(since: hint).magnitude <= late.milliseconds(since: hint).magnitude ? early : late
        case (false, true): return late
        case (true, false), (false, false): return early
        }
    }

    private mutating func offset(at time: Timestamp) -> Int {
        let quarter = time.milliseconds / ZoneClock.quarterMilliseconds
        let slot = Int(quarter.magnitude % UInt64(ZoneClock.size))
        if let entry = entries[slot], entry.quarter == quarter { return entry.offset }
        let offset = zone.secondsEastOfUTC(at: time)
        entries[slot] = Entry(quarter: quarter, offset: offset)
        return offset
    }
}
