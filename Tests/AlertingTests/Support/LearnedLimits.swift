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

    private static let hour: Int64 = 3_600_000

    /// - Parameters:
    ///   - hours: what is learned is asked for so often. The daemon learns each hour; of a sensor that speaks in each, once a day is
    ///     enough.
    ///   - absences: when nobody is at home.
    init(of fleet: FleetSource, days: Int, each hours: Int64 = 1, absences: Absences = Absences()) throws {
        let text = "groups:\n- name: g\n  rules:\n  - {alert: Silent, sensor: {silent: true}}\n"
        let rules = try RuleFile.parse(text, path: "s.yaml").groups.last?.rules ?? []
        var source = fleet
        source.add(
            [LabelName.metric: "sensors:listening_since"],
            (0...days * 24).map { Sample(time: .seconds(Double($0) * 3600), value: -86_400) })
        for sensor in fleet.sensors where !absences.spans.isEmpty {
            source.sensors.append(LearnedLimits.absence(of: sensor, absences))
        }
        let end = Timestamp(milliseconds: Int64(days) * 24 * LearnedLimits.hour)
        for rule in rules {
            guard case .recording(let recording) = rule else { continue }
            let isRead = ["device:heard", "device:silence:1h"].contains(recording.name)
            let answer = try recording.query.range(
                from: .seconds(0), to: end,
                stepMilliseconds: isRead ? LearnedLimits.hour : hours * LearnedLimits.hour, source: source,
                options: LearnedLimits.options)
            guard case .matrix(let found) = answer.value else { continue }
            for one in found {
                let own = recording.labels.reduce(one.labels) { $0.setting($1.name, to: $1.value) }
                let isHeld = recording.name.hasSuffix("_gap")
                source.add(
                    own.setting(LabelName.metric, to: recording.name),
                    isHeld ? LearnedLimits.held(one.samples, each: hours * LearnedLimits.hour, until: end) : one.samples
                )
            }
        }
        for series in source.sensors where series.labels.metric == "device:silent_after" { take(series, source) }
        for device in limits.keys { limits[device]?.sort { $0.time < $1.time } }
    }

    private static let options = QueryOptions(
        limits: QueryLimits(maximumPointsPerSeries: 100_000, maximumSamples: .max, timeout: .seconds(600)))

    /// A rule that is asked for a year at once does not see what it has recorded itself: what its own last value stands in for.
    private static func held(_ samples: [Sample], each step: Int64, until end: Timestamp) -> [Sample] {
        var held: [Sample] = []
        for (index, sample) in samples.enumerated() {
            let next = index + 1 < samples.count ? samples[index + 1].time : end
            var time = sample.time
            while time < next {
                held.append(Sample(time: time, value: sample.value))
                time = time.advanced(byMilliseconds: step)
            }
        }
        return held
    }

    /// What is recorded for a sensor while nobody is at home, as it stands when the sensor speaks again.
    private static func absence(of sensor: SampleSeries, _ absences: Absences) -> SampleSeries {
        let labels = sensor.labels.setting(LabelName.metric, to: "device:deaf")
        let times = sensor.samples.map(\.time)
        let ends = zip(times, times.dropFirst()).map { before, after in
            Sample(
                time: after,
                value: absences.seconds(from: before.secondsSince1970, to: after.secondsSince1970))
        }
        return SampleSeries(labels: labels, samples: ends.filter { $0.value > 0 })
    }

    private mutating func take(_ learned: SampleSeries, _ source: FleetSource) {
        let device = learned.labels["device"] ?? ""
        let usual = LearnedLimits.values(of: "device:usual_gap", device, source)
        let ofPeople = LearnedLimits.values(of: "device:of_people", device, source)
        limits[device, default: []] += learned.samples.map {
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
