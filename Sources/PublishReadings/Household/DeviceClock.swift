/// The clock of a device with a time of its own.
enum DeviceClock: Sendable {
    case exact
    /// Runs so many milliseconds ahead, or behind if negative.
    case ahead(Int64)
    /// Gains so many seconds in each, or loses them if negative.
    case drifting(Double)
    /// Was never set: it counts from 1970.
    case sinceBoot

    /// What it shows, in milliseconds since 1970, `elapsed` seconds after the device was switched on.
    func time(_ truth: Int64, elapsed: Double) -> Int64 {
        switch self {
        case .exact: truth
        case .ahead(let lead): truth + lead
        case .drifting(let rate): truth + Int64(elapsed * rate * 1000)
        case .sinceBoot: Int64(elapsed * 1000)
        }
    }

    /// The clock of device number `number`, where every second one is wrong, each in another way.
    static func ofFaulty(_ number: Int) -> DeviceClock {
        switch number % 8 {
        case 0: .ahead(-7 * 3_600_000)
        case 2: .ahead(8_000_000)
        case 4: .sinceBoot
        case 6: .drifting(0.02)
        default: .exact
        }
    }
}
