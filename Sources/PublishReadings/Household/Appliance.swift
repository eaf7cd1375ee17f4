/// Something behind a measuring plug.
enum Appliance: CaseIterable {
    case kettle
    case freezer
    case television
}

/// What an appliance draws now, and what it has drawn since the start.
struct Consumption {
    /// W
    private(set) var power = 0.0
    /// kWh; only rises.
    private(set) var energy = 0.0

    mutating func draw(_ watts: Double, for seconds: Double) {
        power = watts
        energy += watts * seconds / 3_600_000
    }
}
