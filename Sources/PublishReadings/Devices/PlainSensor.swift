/// The simplest there is: a number alone on `<device>/temperature` and on `<device>/humidity`.
struct PlainSensor: SimulatedDevice {
    let tellsTime = false
    var clock = Moment.DeviceClock.exact
    private let topic: String
    private var offset: Drift

    init(topic: String, generator: SplitMix64) {
        self.topic = topic
        offset = Drift(deviation: 0.8, memory: 1_800, generator: generator.branch("offset"))
    }

    func announcements(at moment: Moment) -> [Publication] { [] }

    mutating func report(_ scene: Scene, at moment: Moment) -> [Publication] {
        let wander = offset.advance(to: moment.elapsed)
        let temperature = (scene.outdoorTemperature + scene.indoorTemperature) / 2 + wander
        return [
            Publication("\(topic)/temperature", text(temperature, 1)),
            Publication("\(topic)/humidity", text((scene.outdoorHumidity + scene.indoorHumidity) / 2, 0)),
        ]
    }

    func farewell() -> [Publication] { [] }
}
