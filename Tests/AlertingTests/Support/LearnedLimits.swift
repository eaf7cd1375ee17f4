import Alerting
import PromQL
import Readings
import TestSupport

/// What the hourly rules of silence learn of sensors, as the rules themselves say, asked for a year at once.
struct LearnedLimits {
    /// For each device what holds from an instant on, in seconds.
    private(set) var limits: [String: [Step]] = [:]

    struct Step {
        var time: Double
        var limit: Double
        /// What the sensor usually does.
        var usualGap: Double
        var isOfPeople: Bool
    }

    private static let day: Int64 = 86_400_000

    init(of fleet: FleetSource, days: Int) throws {
        let text = "groups:\n- name: g\n  rules:\n  - {alert: Silent, sensor: {silent: true}}\n"
        let rules = try RuleFile.parse(text, path: "s.yaml").groups.last?.rules ?? []
        var source = fleet
        source.add(
            [LabelName.metric: "sensors:listening_since"],
            (0...days * 24).map { Sample(time: .seconds(Double($0) * 3600), value: -86_400) })
        for rule in rules {
            guard case .recording(let recording) = rule else { continue }
            // What is learned changes slowly: once a day is less than the daemon does, which learns it every hour.
            let isRead = ["device:heard", "device:silence:1h"].contains(recording.name)
            let step = isRead ? 3_600_000 : LearnedLimits.day
            let answer = try recording.query.range(
                from: .seconds(0), to: Timestamp(milliseconds: Int64(days) * LearnedLimits.day), stepMilliseconds: step,
                source: source, options: LearnedLimits.options)
            guard case .matrix(let found) = answer.value else { continue }
            for one in found {
                let own = recording.labels.reduce(one.labels) { $0.setting($1.name, to: $1.value) }
                let labels = own.setting(LabelName.metric, to: recording.name)
                source.add(labels, one.samples)
                if recording.name == "device:silent_after" { take(one.samples, labels, source) }
            }
        }
        for device in limits.keys { limits[device]?.sort { $0.time < $1.time } }
    }

    private static let options = QueryOptions(
        limits: QueryLimits(maximumSamples: .max, timeout: .seconds(600)))

    private mutating func take(_ samples: [Sample], _ labels: Labels, _ source: FleetSource) {
        let device = labels["device"] ?? ""
        let usual = LearnedLimits.values(of: "device:usual_gap", device, source)
        let ofPeople = LearnedLimits.values(of: "device:of_people", device, source)
        limits[device, default: []] += samples.map {
            Step(
                time: $0.time.secondsSince1970, limit: $0.value, usualGap: usual[$0.time] ?? .nan,
                isOfPeople: ofPeople[$0.time] == 1)
        }
    }

    private static func values(of metric: String, _ device: String, _ source: FleetSource) -> [Timestamp: Double] {
        let series = source.sensors.first { $0.labels.metric == metric && $0.labels["device"] == device }
        return Dictionary(
            (series?.samples ?? []).map { ($0.time, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
