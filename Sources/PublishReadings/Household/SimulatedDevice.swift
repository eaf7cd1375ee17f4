/// A device of the simulated household: who it is, what it measures, and how it speaks.
struct SimulatedDevice: Sendable {
    let device: Device
    let kind: SensorKind
    let convention: any Convention
    var clock = DeviceClock.exact

    private let factor: Double
    /// % at the start.
    private let initialBattery: Double
    private var offset: Drift
    private var reports = 0
    /// The first value of the last report, and when that was.
    private var last: (value: Double, elapsed: Double)?

    init(name: String, id: String, kind: SensorKind, convention: any Convention, generator: SplitMix64) {
        var generator = generator
        self.kind = kind
        self.convention = convention
        factor = generator.uniform(0.96...1.04)
        let battery = generator.uniform(55...100)
        if case .houseDoor = kind { initialBattery = 11.5 } else { initialBattery = battery }
        // Of an address that its owner may give himself (bit 1 of the first byte).
        device = Device(
            name: name, id: id, address: 0x0200_0000_0000 | generator.next() & 0x00FF_FFFF_FFFF,
            quantities: kind.quantities)
        offset = Drift(deviation: 0.7, memory: 1_800, generator: generator.branch("offset"))
    }

    /// Whether a device that reports on change has something to say.
    mutating func isWorthReporting(_ scene: Scene) -> Bool {
        guard case .onChange(let step, _, let heartbeat) = kind.cadence, let last, let first = kind.quantities.first
        else {
            return true
        }
        if scene.elapsed - last.elapsed >= heartbeat { return true }
        let wander = offset.advance(to: scene.elapsed)
        let value = kind.value(of: first, in: scene, wander: wander, factor: factor) ?? last.value
        return (value - last.value).magnitude >= step
    }

    /// What it measures now. `now`: milliseconds since 1970.
    mutating func report(_ scene: Scene, at now: Int64) -> [Publication] {
        let wander = offset.advance(to: scene.elapsed)
        reports += 1
        // A coin cell loses about a percent a week.
        let battery = max(1, initialBattery - scene.elapsed / 604_800)
        let measurements = device.quantities.compactMap { quantity -> Measurement? in
            let value: Double? =
                switch quantity {
                case .battery: battery
                case .batteryVoltage: 2.6 + 0.005 * battery
                default: kind.value(of: quantity, in: scene, wander: wander, factor: factor)
                }
            return value.map { Measurement(quantity, $0) }
        }
        if let first = measurements.first { last = (first.value, scene.elapsed) }
        let report = Report(
            number: reports, measurements: measurements, time: now,
            writtenTime: clock.time(now, elapsed: scene.elapsed), uptime: Int(scene.elapsed) + 86_400)
        return convention.publications(of: report, from: device)
    }
}
