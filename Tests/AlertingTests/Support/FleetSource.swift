import PromQL
import Readings
import TestSupport

/// Sensors of which only the times of their readings matter, sorted; a year of them is found without looking at all.
struct FleetSource: SeriesSource {
    var sensors: [SampleSeries] = []

    /// Adds a sensor that speaks at `times`, seconds since 1970, ascending.
    mutating func add(_ device: String, household: String = "home", _ times: [Double]) {
        let labels: Labels = [LabelName.metric: "value", "device": device, "household": household]
        sensors.append(SampleSeries(labels: labels, samples: FleetSource.samples(times)))
    }

    /// Adds a series of values.
    mutating func add(_ labels: Labels, _ samples: [Sample]) {
        sensors.append(SampleSeries(labels: labels, samples: samples))
    }

    private static func samples(_ times: [Double]) -> [Sample] {
        var samples: [Sample] = []
        samples.reserveCapacity(times.count)
        for time in times {
            let sample = Sample(time: Timestamp(milliseconds: Int64(time * 1000)), value: 1)
            if samples.last.map({ $0.time < sample.time }) ?? true { samples.append(sample) }
        }
        return samples
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        sensors.filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
    }
}

extension FleetSource {
    /// Says what convention a device speaks, minute by minute.
    mutating func addInfo(
        _ device: String, household: String, convention: String, gateway: String? = nil, from first: Int = 0, hours: Int
    ) {
        let labels: Labels = [
            LabelName.metric: "device_info", "household": household, "device": device, "convention": convention,
        ]
        add(
            labels.setting("gateway", to: gateway),
            (first * 60..<hours * 60).map { Sample(time: .seconds(Double($0) * 60), value: 1) })
    }

    /// Says whether a device of the household home is online, minute by minute.
    mutating func addAvailability(_ device: String, hours: Int, isOnline: (Double) -> Bool) {
        let labels: Labels = [LabelName.metric: "device_available", "household": "home", "device": device]
        add(
            labels,
            (0..<hours * 60).map { minute in
                Sample(time: .seconds(Double(minute) * 60), value: isOnline(Double(minute) / 60) ? 1 : 0)
            })
    }
}
