/// How far a counter may rise in a time before it is taken for a jump: what any household's connection lets through, or well
/// more than the counter itself has shown so far. Memory is constant.
struct PlausibleRise {
    /// Per hour, and at once (a coarse counter shows its steps late); nil where the unit tells nothing.
    private let floor: (rate: Double, step: Double)?
    /// The fastest rise over at least ``window``, per hour.
    private var fastest = 0.0
    /// The greatest step between two readings at most ``window`` apart.
    private var greatestStep = 0.0
    private var steps = 0
    /// What has risen since the window began, and how long ago that was.
    private var risen = 0.0
    private var elapsed: Int64 = 0

    private static let window: Int64 = 300_000
    private static let hour = 3_600_000.0
    /// How much faster than ever before a counter may become.
    private static let margin = 5.0
    /// So many steps tell what a counter of an unknown unit does.
    private static let fewSteps = 5

    init(unit: String?) {
        switch unit {
        case "kWh": floor = (50, 1)
        case "m3": floor = (10, 1)
        case "L": floor = (10_000, 1000)
        default: floor = nil
        }
    }

    /// How far it may rise in so many milliseconds.
    func most(in milliseconds: Int64) -> Double {
        if floor == nil, steps < PlausibleRise.fewSteps { return .infinity }
        let rate = max(floor?.rate ?? 0, fastest * PlausibleRise.margin)
        let step = max(floor?.step ?? 0, greatestStep * PlausibleRise.margin)
        return rate * (Double(milliseconds) / PlausibleRise.hour) + step
    }

    /// A good rise. What it may be from then on grows with it, but by steps, so that one jump does not open the way for a
    /// greater one.
    mutating func learn(_ amount: Double, in milliseconds: Int64) {
        guard milliseconds > 0 else { return }
        if amount > 0 { steps = min(steps + 1, PlausibleRise.fewSteps) }
        if milliseconds <= PlausibleRise.window { PlausibleRise.raise(&greatestStep, to: amount) }
        risen += amount
        // Pauses of ages must not overflow.
        elapsed += min(milliseconds, .max / 2)
        guard elapsed >= PlausibleRise.window else { return }
        PlausibleRise.raise(&fastest, to: risen / (Double(elapsed) / PlausibleRise.hour))
        (risen, elapsed) = (0, 0)
    }

    /// A rise that looked like a jump, and that what followed it explains.
    mutating func accept(_ amount: Double, in milliseconds: Int64) {
        fastest = max(fastest, amount / (Double(milliseconds) / PlausibleRise.hour))
    }

    private static func raise(_ limit: inout Double, to value: Double) {
        limit = max(limit, limit > 0 ? min(value, 2 * limit) : value)
    }
}
