import Glibc
import Readings

/// The household fleet: every device sends one message a minute with all five metrics at one instant, jittered by
/// σ = 150 ms around its schedule.
///
/// Temperature and humidity have one decimal and a diurnal course, pressure has two decimals and drifts with the weather, a
/// battery empties over a year, link quality wavers. The noise is that of cheap sensors, chosen so that the zero-order
/// entropy of the simple deltas, with shared timestamps, is about 0.66 bytes a reading.
struct HouseholdFleet: ReadingSet {
    static let metrics = ["temperature", "humidity", "pressure", "battery", "linkquality"]
    /// 2023-11-14, a multiple of a day.
    static let start: Int64 = 1_699_920_000_000

    let name: String
    let devices: Int
    let minutes: Int
    let seed: UInt64
    /// In how many rooms the devices stand; none: no series tells a room. Those that do tell the metric in a label, too, so that
    /// they stay apart where Prometheus drops the name.
    let rooms: Int

    init(devices: Int = 200, days: Int, rooms: Int = 0, name: String = "household fleet", seed: UInt64 = 42) {
        self.name = name
        self.devices = devices
        self.rooms = rooms
        minutes = days * 1440
        self.seed = seed
    }

    var readings: Int { devices * minutes * HouseholdFleet.metrics.count }

    var end: Int64 { HouseholdFleet.start + Int64(minutes) * 60_000 }

    var series: [Labels] {
        (0..<devices).flatMap { device in
            HouseholdFleet.metrics.map { metric in
                let labels: Labels = ["__name__": metric, "device": "sensor-\(device)", "household": "home"]
                guard rooms > 0 else { return labels }
                return labels.setting("room", to: "room-\(device % rooms)").setting("metric", to: metric)
            }
        }
    }

    func forEachRow(_ body: (_ time: Int64, _ series: [Int], _ values: [Double]) throws -> Void) throws {
        var stream = FleetStream(self)
        let rows = (0..<devices).map { device in
            Array((device * HouseholdFleet.metrics.count)..<((device + 1) * HouseholdFleet.metrics.count))
        }
        for _ in 0..<minutes {
            for device in 0..<devices {
                let time = stream.next()
                try body(time, rows[device], stream.values)
            }
        }
    }
}

/// The fleet's messages one after the other: all devices of a minute, then the next minute.
struct FleetStream {
    private struct Device {
        var temperature: Double
        var humidity: Double
        var pressure: Double
        var battery: Double
        var linkquality: Double
        /// Hour of the warmest moment.
        var warmest: Double
    }

    private let fleet: HouseholdFleet
    private var random: SeededRandom
    private var devices: [Device] = []
    private var minute = 0
    private var device = 0
    /// Of the message that `next()` told the time of.
    private(set) var values = [Double](repeating: 0, count: HouseholdFleet.metrics.count)

    init(_ fleet: HouseholdFleet) {
        self.fleet = fleet
        random = SeededRandom(seed: fleet.seed)
        for _ in 0..<fleet.devices {
            devices.append(
                Device(
                    temperature: 17 + 6 * random.uniform(), humidity: 40 + 25 * random.uniform(),
                    pressure: 1005 + 15 * random.uniform(), battery: 60 + 40 * random.uniform(),
                    linkquality: Double(60 + random.below(150)), warmest: 13 + 4 * random.uniform()))
        }
    }

    /// The device of the message that `next()` will make.
    var nextDevice: Int { device }

    /// Makes the next message and gives its time.
    mutating func next() -> Int64 {
        let offset = Int64(device * 60_000 / fleet.devices)
        let time =
            HouseholdFleet.start + Int64(minute) * 60_000 + offset + Int64((random.normal() * 150).rounded())
        let day = 2 * Double.pi * (Double(minute) / 60 - devices[device].warmest) / 24
        let course = cos(day)
        devices[device].temperature += random.normal() * 0.012
        devices[device].humidity += random.normal() * 0.05
        devices[device].pressure += random.normal() * 0.012
        devices[device].battery -= 40.0 / 525_600
        let now = devices[device]
        values[0] = ((now.temperature + 1.8 * course + random.normal() * 0.1) * 10).rounded() / 10
        values[1] = ((now.humidity - 5 * course + random.normal() * 0.3) * 10).rounded() / 10
        values[2] = ((now.pressure + random.normal() * 0.045) * 100).rounded() / 100
        values[3] = now.battery.rounded()
        values[4] = min(255, max(0, (now.linkquality + random.normal() * 7).rounded()))
        device += 1
        if device == fleet.devices {
            device = 0
            minute += 1
        }
        return time
    }
}
