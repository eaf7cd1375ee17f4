/// A home-made station that sends a JSON object with its own time in `ts`, in milliseconds.
struct JSONStation: SimulatedDevice {
    enum Kind {
        case fishTank
        case waterTank
    }

    let tellsTime = true
    var clock = Moment.DeviceClock.exact
    private let topic: String
    private let kind: Kind
    private var offset: Drift

    init(topic: String, kind: Kind, generator: SplitMix64) {
        self.topic = topic
        self.kind = kind
        offset = Drift(deviation: 0.4, memory: 3_600, generator: generator.branch("offset"))
    }

    func announcements(at moment: Moment) -> [Publication] { [] }

    mutating func report(_ scene: Scene, at moment: Moment) -> [Publication] {
        let wander = offset.advance(to: moment.elapsed)
        let measured =
            switch kind {
            case .fishTank:
                // Warm water holds less oxygen.
                #""water_temperature":\#(text(26 + wander, 2)),"ph":\#(text(7.2 + 0.1 * wander, 2)),"#
                    + #""dissolved_oxygen":\#(text(7.4 - 0.2 * wander, 2))"#
            case .waterTank:
                #""mực nước":\#(text(70 + 8 * wander, 1)),"nhiệt độ":\#(text(scene.outdoorTemperature - 1, 1))"#
            }
        return [Publication(topic, #"{"ts":\#(moment.milliseconds(on: clock)),\#(measured)}"#)]
    }

    func farewell() -> [Publication] { [] }
}
