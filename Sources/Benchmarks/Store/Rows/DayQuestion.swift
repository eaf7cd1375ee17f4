import Readings

/// 24 hours of one device of a fleet: another one each time.
struct DayQuestion {
    let device: Int
    let range: ClosedRange<Timestamp>

    init(_ number: Int, _ fleet: HouseholdFleet) {
        device = number * 7 % fleet.devices
        let days = max(1, fleet.minutes / 1440 - 1)
        let start = HouseholdFleet.start + Int64(number * 13 % days) * QueryRows.day + QueryRows.day / 3
        range =
            Timestamp(milliseconds: start)...Timestamp(milliseconds: max(start, min(start + QueryRows.day, fleet.end)))
    }
}
