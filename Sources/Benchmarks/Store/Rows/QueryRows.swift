import Readings
import RingStore

/// How long answers take: in process, beside VictoriaMetrics over HTTP on a kept-alive connection.
struct QueryRows {
    let bench: Workbench

    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 24 * hour

    func measure() throws {
        try measureMonth()
        try measureYear()
        let million = try bench.millionSeries()
        bench.printer.print(
            BenchmarkRow(
                "last value of any of \(million.series) series", million.lastSampleNanoseconds / 1000, "µs",
                goal: million.isAll ? .atMost(1) : nil,
                note: "median of rounds of 100,000 random series" + million.remark))
    }

    /// 200 devices of a month: hourly means of all, a day of one, the last value of one.
    private func measureMonth() throws {
        let fleet = try bench.fleet()
        let peer = try bench.withVictoriaMetrics(fleet.fleet) { peer in
            (
                hourly: try peer.medianQuerySeconds(of: 5) { _ in
                    VictoriaMetrics.rangeQuery(
                        "avg_over_time({household=\"home\"}[1h])", from: HouseholdFleet.start + QueryRows.hour,
                        to: fleet.fleet.end, stepSeconds: 3600)
                },
                day: try peer.medianQuerySeconds(of: 100) { repetition in
                    let question = dayQuestion(repetition, fleet.fleet)
                    return VictoriaMetrics.instantQuery(
                        "temperature{device=\"sensor-\(question.device)\"}[24h]",
                        at: question.range.upperBound.milliseconds)
                },
                last: try peer.medianQuerySeconds(of: 100) { repetition in
                    VictoriaMetrics.instantQuery(
                        "temperature{device=\"sensor-\(repetition * 7 % fleet.fleet.devices)\"}", at: fleet.fleet.end)
                }
            )
        }
        let snapshot = fleet.loaded.store.snapshot()
        var means = HourlyMeans()
        let hourly = try medianSeconds(of: 5) { _ in
            for series in fleet.loaded.series { try means.compute(snapshot, series) }
        }
        bench.printer.print(
            BenchmarkRow(
                "hourly mean, 1,000 series × \(fleet.fleet.minutes / 1440) d, from raw", hourly * 1e3, "ms",
                goal: bench.options.quick ? nil : .atMost(100), beside: companion(peer?.hourly, 1e3),
                note: "\(means.count / 5) means of \(fleet.loaded.readings) readings"))
        var count = 0
        let day = try medianSeconds(of: 1000) { repetition in
            let question = dayQuestion(repetition, fleet.fleet)
            try snapshot.scan(fleet.loaded.series[question.device * HouseholdFleet.metrics.count], in: question.range) {
                count += $0.count
                return true
            }
        }
        bench.printer.print(
            BenchmarkRow(
                "24 h raw of one series", day * 1e6, "µs", goal: .atMost(50), beside: companion(peer?.day, 1e6),
                note: "\(count / 1000) samples, any device, any day"))
        var sum = 0.0
        let last = medianSeconds(of: 15) { _ in
            for repetition in 0..<10_000 {
                let series = fleet.loaded.series[repetition &* 7919 % fleet.loaded.series.count]
                sum += snapshot.lastSample(of: series)?.value ?? 0
            }
        }
        keep(sum)
        bench.printer.print(
            BenchmarkRow(
                "last value of any of 1,000 series", last / 10_000 * 1e6, "µs", goal: .atMost(1),
                beside: companion(peer?.last, 1e6)))
    }

    /// Ten devices of a year: hourly means of one series.
    private func measureYear() throws {
        let fleet = HouseholdFleet(devices: 10, days: bench.scaled(365), name: "year of ten devices", seed: 5)
        let peer = try bench.withVictoriaMetrics(fleet) { peer in
            try peer.medianQuerySeconds(of: 20) { repetition in
                VictoriaMetrics.rangeQuery(
                    "avg_over_time(temperature{device=\"sensor-\(repetition % 10)\"}[1h])",
                    from: HouseholdFleet.start + QueryRows.hour, to: fleet.end, stepSeconds: 3600)
            }
        }
        try bench.place.with("year") { path in
            let loaded = try LoadedStore(path: path, options: .standard)
            try loaded.load(fleet)
            let snapshot = loaded.store.snapshot()
            var means = HourlyMeans()
            let time = try medianSeconds(of: 50) { repetition in
                try means.compute(snapshot, loaded.series[repetition % 10 * HouseholdFleet.metrics.count])
            }
            bench.printer.print(
                BenchmarkRow(
                    "1 year hourly of one series, from raw", time * 1e6, "µs", beside: companion(peer, 1e6),
                    note: "\(means.count / 50) means of \(fleet.minutes) samples"))
        }
    }

    private func dayQuestion(_ number: Int, _ fleet: HouseholdFleet) -> (device: Int, range: ClosedRange<Timestamp>) {
        let days = max(1, fleet.minutes / 1440 - 1)
        let start = HouseholdFleet.start + Int64(number * 13 % days) * QueryRows.day + QueryRows.day / 3
        return (
            number * 7 % fleet.devices,
            Timestamp(milliseconds: start)...Timestamp(milliseconds: min(start + QueryRows.day, fleet.end))
        )
    }

    private func companion(_ seconds: Double?, _ scale: Double) -> BenchmarkRow.Companion? {
        seconds.map { BenchmarkRow.Companion(name: VictoriaMetrics.name, value: $0 * scale) }
    }
}
