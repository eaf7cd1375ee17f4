import Delivery
import PromQL
import Readings

/// Which devices there are, and which of them a digest should name because nothing was heard of them for a day.
///
/// A door that nobody opened is no news: named is who spoke on each of the three days before its last word.
struct RollCall {
    let source: any SeriesSource
    /// The metrics that are no device's.
    let rulesOwn: Set<String>
    let wall: Timestamp

    private static let day: Int64 = 86_400_000
    /// Those that are silent for longer are no longer counted.
    private static let memory = 30 * day
    private static let daysOfRhythm = 3

    /// Sorted by name; `household` is among them even if it has no device.
    func households(and household: String) throws -> [DigestCondition.Household] {
        var devices: [String: [String: [any SelectedSeries]]] = [household: [:]]
        for one in try source.series(matching: [], in: wall.advanced(byMilliseconds: -RollCall.memory)...wall) {
            let labels = one.labels
            guard let last = one.last?.time, wall.milliseconds(since: last) <= RollCall.memory,
                !labels.device.isEmpty, !rulesOwn.contains(labels.metric)
            else { continue }
            devices[labels.household, default: [:]][labels.device, default: []].append(one)
        }
        return try devices.map { household, devices in
            DigestCondition.Household(
                name: household, devices: devices.count,
                unheard: try devices.filter { try isMissed($0.value) }.map(\.key).sorted())
        }.sorted { $0.name < $1.name }
    }

    private func isMissed(_ series: [any SelectedSeries]) throws -> Bool {
        guard let last = series.compactMap({ $0.last?.time }).max(), wall.milliseconds(since: last) > RollCall.day
        else { return false }
        let end = last.advanced(byMilliseconds: 1)
        let first = end.advanced(byMilliseconds: -Int64(RollCall.daysOfRhythm) * RollCall.day)
        var days: Set<Timestamp> = []
        for one in series where days.count < RollCall.daysOfRhythm {
            try one.forEachAggregate(in: first...last, step: RollCall.day, origin: end, detail: .all) { run in
                for index in run.indices where run[index].count > 0 { days.insert(run[index].start) }
                return days.count < RollCall.daysOfRhythm
            }
        }
        return days.count >= RollCall.daysOfRhythm
    }
}
