import Readings

/// The household fleet, of which every tenth message arrives up to an hour after the next ones of its device.
struct LateFleet: ReadingSet {
    private struct Message {
        var time: Int64
        var device: Int
        var values: [Double]
    }

    private static let mostMinutes = 60

    let fleet: HouseholdFleet
    let share: Double

    var name: String { fleet.name }
    var series: [Labels] { fleet.series }

    func forEachRow(_ body: (_ time: Int64, _ series: [Int], _ values: [Double]) throws -> Void) throws {
        var random = SeededRandom(seed: fleet.seed + 1)
        /// By the minute of their arrival, modulo the longest delay.
        var delayed: [[Message]] = Array(repeating: [], count: LateFleet.mostMinutes + 1)
        var minute = 0
        var arrived = 0
        try fleet.forEachRow { time, series, values in
            if random.uniform() < share {
                let due = (minute + 1 + random.below(LateFleet.mostMinutes)) % delayed.count
                delayed[due].append(Message(time: time, device: arrived % fleet.devices, values: values))
            } else {
                try body(time, series, values)
            }
            arrived += 1
            guard arrived % fleet.devices == 0 else { return }
            minute += 1
            for message in delayed[minute % delayed.count] {
                let first = message.device * HouseholdFleet.metrics.count
                try body(message.time, Array(first..<(first + HouseholdFleet.metrics.count)), message.values)
            }
            delayed[minute % delayed.count].removeAll()
        }
    }
}
