import Glibc

/// The household itself, apart from what measures it: weather, rooms, the freezer, what is switched on.
///
/// Its clock is the time since the start, and the day begins for it at half past four in the afternoon, whatever the real
/// hour: the same seed then gives the same values at any time of day.
struct Scene {
    private static let startHour = 16.5
    /// The freezer is integrated in steps of at most this many seconds.
    private static let longestStep = 1.0

    private(set) var elapsed = 0.0
    private(set) var freezer = Freezer()
    private(set) var consumption: [Appliance: Consumption] = [:]
    private var weather: Drift
    private var load: Drift

    init(generator: SplitMix64) {
        weather = Drift(deviation: 0.8, memory: 7_200, generator: generator.branch("weather"))
        load = Drift(deviation: 1, memory: 60, generator: generator.branch("load"))
    }

    /// 0 ..< 24
    var hour: Double { (Scene.startHour + elapsed / 3600).truncatingRemainder(dividingBy: 24) }
    var isFreezerDoorOpen: Bool { Freezer.isDoorOpen(at: elapsed) }

    /// °C; warmest at two in the afternoon.
    var outdoorTemperature: Double { 28.5 + 4.2 * dayWave(peakHour: 14) + weather.value }
    /// °C, before what is particular to a room; later and flatter than outdoors.
    var indoorTemperature: Double { 26.2 + 1.6 * dayWave(peakHour: 16) + 0.3 * weather.value }
    /// %
    var outdoorHumidity: Double { min(98, max(35, 74 - 12 * dayWave(peakHour: 14) - 2 * weather.value)) }
    /// %
    var indoorHumidity: Double { min(95, max(35, 62 - 6 * dayWave(peakHour: 16) - weather.value)) }
    /// hPa; the tropics' two waves a day, with maxima about ten o'clock.
    var pressure: Double { 1009 + 1.6 * cos((hour - 10) / 12 * 2 * .pi) - 0.5 * weather.value }
    /// lx; dark before six and after eighteen o'clock.
    var illuminance: Double { max(0, sin((hour - 6) / 12 * .pi)) * 42_000 * (1 - 0.1 * abs(weather.value)) }
    /// V
    var mainsVoltage: Double { 228 + 1.5 * load.value }

    /// Goes on to `moment` seconds after the start.
    mutating func advance(to moment: Double) {
        while elapsed < moment {
            let step = min(Scene.longestStep, moment - elapsed)
            elapsed += step
            // A remainder below the clock's resolution would never arrive.
            if moment - elapsed < 1e-9 { elapsed = moment }
            freezer.advance(by: step, doorOpen: isFreezerDoorOpen, roomTemperature: indoorTemperature)
            for appliance in Appliance.allCases {
                consumption[appliance, default: Consumption()].draw(power(of: appliance), for: step)
            }
        }
        _ = weather.advance(to: elapsed)
        _ = load.advance(to: elapsed)
    }

    private func power(of appliance: Appliance) -> Double {
        switch appliance {
        // Tea every five minutes, so that something is seen to happen.
        case .kettle: (60..<160).contains(elapsed.truncatingRemainder(dividingBy: 300)) ? 1_950 + 8 * load.value : 0
        case .freezer: freezer.isCompressorRunning ? 86 + load.value : 1.4
        case .television: (18..<23).contains(hour) ? 74 + 6 * load.value : 0.4
        }
    }

    /// A wave of one day between −1 and 1.
    private func dayWave(peakHour: Double) -> Double { cos((hour - peakHour) / 24 * 2 * .pi) }
}
