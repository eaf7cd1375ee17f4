import PromQL
import Readings
import TestSupport

/// The metrics that Prometheus's own queries for comparisons ask for: three instances, a sample every five seconds, for
/// eighty minutes. The same in each run.
struct DemoData {
    /// Off the grid of the queries' steps and windows: Prometheus 2 counts a sample on the left edge, 3 does not.
    static let start: Int64 = 1_700_000_000_137
    static let interval: Int64 = 5_000
    static let count = 960

    private(set) var series: [RemoteWrite.Series] = []
    private var random = SeededGenerator(seed: 0xDE30)

    init() {
        for (index, instance) in ["demo.promlabs.com:10000", "demo.promlabs.com:10001", "demo.promlabs.com:10002"]
            .enumerated()
        {
            for (place, type) in ["free", "used", "buffers", "cached"].enumerated() {
                add(
                    "demo_memory_usage_bytes", instance, ["type": type],
                    wave(1e9 * Double(place + 1) + 1e7 * Double(index)))
            }
            add("demo_num_cpus", instance, [:], Array(repeating: Double(4 + index), count: DemoData.count))
            for (place, mode) in ["user", "system", "idle"].enumerated() {
                add(
                    "demo_cpu_usage_seconds_total", instance, ["mode": mode],
                    counter(0.1 * Double(place + 1), resets: index == 1))
            }
            add("demo_disk_usage_bytes", instance, [:], wave(5e10 + 1e9 * Double(index)))
            add(
                "demo_batch_last_success_timestamp_seconds", instance, [:],
                (0..<DemoData.count).map { Double(1_699_990_000 + ($0 / (50 + index)) * 250) })
            for path in ["/api/bar", "/api/foo"] {
                let rates = counter(3 + Double(index), resets: false)
                for (place, bound) in ["0.1", "0.4", "1.6", "6.4", "+Inf"].enumerated() {
                    add(
                        "demo_api_request_duration_seconds_bucket", instance, ["path": path, "le": bound],
                        rates.map { ($0 * Double(place + 1)).rounded(.down) })
                }
                add(
                    "demo_api_request_duration_seconds_count", instance, ["path": path],
                    rates.map { ($0 * 5).rounded(.down) })
            }
            add(
                "demo_intermittent_metric", instance, [:],
                wave(20).enumerated().map { $0.offset / 40 % 3 == 1 ? nil : $0.element })
        }
    }

    private mutating func wave(_ level: Double) -> [Double] {
        var value = level
        return (0..<DemoData.count).map { _ in
            value += Double.random(in: -0.02...0.02, using: &random) * level
            return (value * 100).rounded() / 100
        }
    }

    private mutating func counter(_ rate: Double, resets: Bool) -> [Double] {
        var value = 0.0
        return (0..<DemoData.count).map { index in
            if resets, index % 300 == 299 { value = 0 }
            value += Double.random(in: 0...2, using: &random) * rate * 5
            return value
        }
    }

    private mutating func add(_ name: String, _ instance: String, _ more: [String: String], _ values: [Double?]) {
        var labels = [Label("__name__", name), Label("instance", instance), Label("job", "demo")]
        labels += more.map { Label($0.key, $0.value) }
        let samples = values.enumerated().compactMap { index, value in
            value.map {
                Sample(time: Timestamp(milliseconds: DemoData.start + Int64(index) * DemoData.interval), value: $0)
            }
        }
        series.append(RemoteWrite.Series(labels: Labels(labels), samples: samples))
    }

    /// The series in slices of time, each of which Prometheus takes after the one before.
    func slices() -> [[RemoteWrite.Series]] {
        let span = 60 * DemoData.interval
        return (0...(Int64(DemoData.count) * DemoData.interval / span)).map { slice in
            let begin = DemoData.start + slice * span
            return series.compactMap { one in
                let samples = one.samples.filter { (begin..<(begin + span)).contains($0.time.milliseconds) }
                return samples.isEmpty ? nil : RemoteWrite.Series(labels: one.labels, samples: samples)
            }
        }.filter { !$0.isEmpty }
    }

    func source() -> MemorySeriesSource {
        var source = MemorySeriesSource()
        for one in series { source.add(one.labels, one.samples) }
        return source
    }
}
