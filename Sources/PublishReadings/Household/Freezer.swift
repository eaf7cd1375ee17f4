/// A chest freezer: a cold mass that a compressor keeps between −20 and −16 °C, and the air above it, where the probe
/// hangs. The air follows the mass within seconds, and the room's air as soon as the door stands open.
struct Freezer {
    /// The door is opened this many seconds after the start …
    static let firstOpening = 15.0
    /// … stays open so long …
    static let openFor = 30.0
    /// … and is forgotten again each time this has passed.
    static let openingPeriod = 240.0

    private(set) var airTemperature = -18.0
    private(set) var isCompressorRunning = false
    private var massTemperature = -18.0

    /// Whether somebody has left the door open at `elapsed` seconds.
    static func isDoorOpen(at elapsed: Double) -> Bool {
        guard elapsed >= firstOpening else { return false }
        return (elapsed - firstOpening).truncatingRemainder(dividingBy: openingPeriod) < openFor
    }

    /// Goes on by `step` seconds, at most one, beside a room of `roomTemperature` °C.
    mutating func advance(by step: Double, doorOpen: Bool, roomTemperature: Double) {
        if massTemperature > -16 { isCompressorRunning = true }
        if massTemperature < -20 { isCompressorRunning = false }
        massTemperature += step * (roomTemperature - massTemperature) / 6_500
        if isCompressorRunning { massTemperature -= step * (massTemperature + 34) / 700 }
        airTemperature += step * (massTemperature - airTemperature) / (doorOpen ? 60 : 12)
        if doorOpen { airTemperature += step * (roomTemperature - airTemperature) / 40 }
    }
}
