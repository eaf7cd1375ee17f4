import Readings
import RingStore

/// How long answers take: in process, beside VictoriaMetrics over HTTP on a kept-alive connection.
struct QueryRows {
    let bench: Workbench

    static let hour: Int64 = 3_600_000
    static let day: Int64 = 24 * hour

    func measure() throws {
        let fleet = try bench.fleet()
        let peer = try bench.withVictoriaMetrics(fleet.fleet) { try PeerAnswers($0, fleet.fleet) }
        try measureHourlyMeans(fleet, peer)
        try measureYear()
        try measureDay(fleet, peer)
        measureLastValue(fleet, peer)
        let million = try bench.millionSeries()
        bench.printer.print(
            BenchmarkRow(
                "last value of any of \(million.series) series", million.lastSampleNanoseconds / 1000, "µs",
                goal: million.isAll ? .atMost(1) : nil,
                note: "median of rounds of 100,000 random series" + million.remark))
    }

    private func measureHourlyMeans(_ fleet: LoadedFleet, _ peer: PeerAnswers?) throws {
        try AggregateRows(bench: bench).measureHourlyMeans(fleet, companion(peer?.hourlyMeans, 1e3))
        let snapshot = fleet.loaded.store.snapshot()
        let repetitions = 5
        var means = HourlyMeans()
        let time = try medianSeconds(of: repetitions) { _ in
            for series in fleet.loaded.series { try means.compute(snapshot, series) }
        }
        bench.printer.print(
            BenchmarkRow(
                "hourly mean, 1,000 series × \(fleet.fleet.minutes / 1440) d, from raw", time * 1e3, "ms",
                goal: bench.options.quick ? nil : .atMost(100), beside: companion(peer?.hourlyMeans, 1e3),
                note: "\(means.count / repetitions) means of \(fleet.loaded.readings) readings"))
    }

    /// Ten devices of a year: hourly means of one series.
    private func measureYear() throws {
        let fleet = HouseholdFleet(devices: 10, days: bench.scaled(365), name: "year of ten devices", seed: 5)
        let peer = try bench.withVictoriaMetrics(fleet) { peer in
            try peer.medianQuerySeconds(of: 20) { repetition in
                QueryPath.range(
                    "avg_over_time(temperature{device=\"sensor-\(repetition % 10)\"}[1h])",
                    from: HouseholdFleet.start + QueryRows.hour, to: fleet.end, stepSeconds: 3600)
            }
        }
        bench.printer.printProgress("appending the year of ten devices")
        try bench.place.with("year") { path in
            let loaded = try LoadedStore(path: path, options: .standard)
            try loaded.load(fleet)
            try AggregateRows(bench: bench).measureYear(loaded, days: fleet.minutes / 1440, companion(peer, 1e6))
            let snapshot = loaded.store.snapshot()
            let repetitions = 50
            var means = HourlyMeans()
            let time = try medianSeconds(of: repetitions) { repetition in
                try means.compute(snapshot, loaded.series[repetition % 10 * HouseholdFleet.metrics.count])
            }
            bench.printer.print(
                BenchmarkRow(
                    "\(fleet.minutes / 1440) d hourly of one series, from raw", time * 1e6, "µs",
                    beside: companion(peer, 1e6),
                    note: "\(means.count / repetitions) means of \(fleet.minutes) samples"))
        }
    }

    private func measureDay(_ fleet: LoadedFleet, _ peer: PeerAnswers?) throws {
        let snapshot = fleet.loaded.store.snapshot()
        let repetitions = 1000
        var count = 0
        let time = try medianSeconds(of: repetitions) { repetition in
            let question = DayQuestion(repetition, fleet.fleet)
            let series = fleet.loaded.series[question.device * HouseholdFleet.metrics.count]
            try snapshot.scan(series, in: question.range) {
                count += $0.count
                return true
            }
        }
        bench.printer.print(
            BenchmarkRow(
                "24 h raw of one series", time * 1e6, "µs", goal: .atMost(50), beside: companion(peer?.day, 1e6),
                note: "\(count / repetitions) samples, any device, any day"))
    }

    private func measureLastValue(_ fleet: LoadedFleet, _ peer: PeerAnswers?) {
        let snapshot = fleet.loaded.store.snapshot()
        let questions = 10_000
        var sum = 0.0
        let time = medianSeconds(of: 15) { _ in
            for question in 0..<questions {
                let series = fleet.loaded.series[question &* 7919 % fleet.loaded.series.count]
                sum += snapshot.lastSample(of: series)?.value ?? 0
            }
        }
        keep(sum)
        bench.printer.print(
            BenchmarkRow(
                "last value of any of 1,000 series", time / Double(questions) * 1e6, "µs", goal: .atMost(1),
                beside: companion(peer?.lastValue, 1e6)))
    }

    private func companion(_ seconds: Double?, _ scale: Double) -> BenchmarkRow.Companion? {
        seconds.map { BenchmarkRow.Companion(name: VictoriaMetrics.name, value: $0 * scale) }
    }
}
