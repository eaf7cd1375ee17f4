/// How often a real device of a kind reports, in seconds.
enum Cadence: Sendable {
    /// A plug on the mains.
    case every(Double)
    /// A battery device that sleeps as long as chance has it.
    case between(Double, Double)
    /// Looks every `check` seconds; reports when its first value has moved by `step`, or after `heartbeat` seconds.
    case onChange(step: Double, check: Double, heartbeat: Double)

    static let plug = every(10)
    static let thermometer = onChange(step: 0.2, check: 10, heartbeat: 1_800)
    static let contact = onChange(step: 1, check: 1, heartbeat: 3_000)
    static let battery = between(300, 900)
    static let lora = every(1_200)
}
