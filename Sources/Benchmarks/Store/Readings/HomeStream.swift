/// A home's messages, window after window of ten seconds.
struct HomeStream {
    private let rows: [[Int]]
    private var stream: FleetStream
    private var messages = 0
    private let perMinute: Int

    init(_ home: HouseholdFleet) {
        let columns = HouseholdFleet.metrics.count
        rows = (0..<home.devices).map { Array(($0 * columns)..<(($0 + 1) * columns)) }
        stream = FleetStream(home)
        perMinute = home.devices
    }

    /// The windows' messages; 50 devices have eight or nine in each.
    mutating func append(windows: Int, to loaded: LoadedStore) throws {
        for _ in 0..<windows {
            let window = messages * 6 / perMinute
            while messages * 6 / perMinute == window {
                let device = stream.nextDevice
                loaded.add(stream.next(), rows[device], stream.values)
                messages += 1
            }
        }
    }
}
