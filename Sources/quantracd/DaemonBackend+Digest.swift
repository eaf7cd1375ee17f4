import Delivery
import QueryAPI
import Readings

extension DaemonBackend {
    /// So long a device may be silent before a digest names it.
    private static let patience: Int64 = 86_400_000
    /// Those that are silent for longer are no longer counted.
    private static let memory: Int64 = 30 * 86_400_000

    /// How many devices each household has, and which of them were not heard for a day. The default household is there even if
    /// it has none.
    func digestHouseholds(at wall: Timestamp) -> [DigestCondition.Household] {
        // What devices said, and not what is known of them.
        let source = StoreSource(snapshot: store.snapshot())
        guard let series = try? source.series(matching: [], in: wall.advanced(byMilliseconds: -Self.memory)...wall)
        else { return [] }
        let rulesOwn = alerts.writtenMetrics
        var heard: [String: [String: Timestamp]] = [configuration.households.default: [:]]
        for one in series where !rulesOwn.contains(one.labels.metric) && !one.labels.device.isEmpty {
            guard let last = one.last?.time, wall.milliseconds(since: last) <= Self.memory else { continue }
            let known = heard[one.labels.household, default: [:]][one.labels.device]
            heard[one.labels.household, default: [:]][one.labels.device] = max(known ?? last, last)
        }
        return heard.map { household, devices in
            DigestCondition.Household(
                name: household, devices: devices.count,
                unheard: devices.filter { wall.milliseconds(since: $0.value) > Self.patience }.map(\.key).sorted())
        }.sorted { $0.name < $1.name }
    }
}
