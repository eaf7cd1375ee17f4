import Glibc
import RingStore

/// What reaches the disk, by the kernel's account of this process, and by the store's own counter.
struct WrittenRows {
    let bench: Workbench

    func measure() throws {
        bench.printer.printProgress("appending in batches")
        try bench.place.with("written-fleet") { try measureBatches($0, perSecond: nil) }
        try bench.place.with("written-paced") { try measureBatches($0, perSecond: 1_000_000) }
        bench.printer.printProgress("appending days of a home, one sync for each ten seconds")
        try bench.place.with("written-home", measureHome)
    }

    /// - Parameter perSecond: how many readings; nil for as many as it takes.
    private func measureBatches(_ path: String, perSecond: Int?) throws {
        let fleet = HouseholdFleet(days: max(1, bench.scaled(10)))
        let loaded = try LoadedStore(path: path, options: .standard)
        try loaded.register(fleet.series)
        let account = WriteAccount(loaded)
        let start = ContinuousClock.now
        try fleet.forEachRow { time, series, values in
            loaded.add(time, series, values)
            guard loaded.waitingReadings >= 10_000 else { return }
            try account.append()
            guard let perSecond else { return }
            let due = start + .seconds(1) * (Double(loaded.readings) / Double(perSecond))
            while ContinuousClock.now < due { usleep(500) }
        }
        let written = account.written
        let readings = Double(loaded.readings)
        bench.printer.print(
            BenchmarkRow(
                "a reading, in batches of 10,000" + (perSecond == nil ? "" : ", a million/s"),
                written.kernel.map { $0 / readings }, "B", goal: .atMost(2.3),
                beside: .init(name: "the store's own counter", value: written.own / readings),
                note: "\(loaded.readings) readings, \(loaded.store.statistics.sealedSegments) segments sealed"
                    + device(written, perUnit: readings, "B a reading")))
    }

    /// A home, with a sync for each ten seconds' messages.
    ///
    /// What a checkpoint writes grows with the head, so that the days that are measured begin when the head is half as full
    /// as it gets.
    private func measureHome(_ path: String) throws {
        let home = HouseholdFleet(devices: 50, days: 365)
        let loaded = try LoadedStore(path: path, options: .standard)
        try loaded.register(home.series)
        var stream = HomeStream(home)
        var filled: [Int] = []
        while filled.count < 2 {
            let sealed = loaded.store.statistics.sealedSegments
            try stream.append(windows: 60, to: loaded)
            try loaded.append()
            if loaded.store.statistics.sealedSegments > sealed { filled.append(loaded.readings) }
        }
        let perSegment = filled[1] - filled[0]
        while loaded.readings < filled[1] + perSegment / 2 {
            try stream.append(windows: 60, to: loaded)
            try loaded.append()
        }

        let days = bench.options.quick ? 1 : 3
        let windows = days * 8640
        let sealed = loaded.store.statistics.sealedSegments
        let account = WriteAccount(loaded)
        for _ in 0..<windows {
            try stream.append(windows: 1, to: loaded)
            try account.append()
        }
        let written = account.written
        let unit = Double(days) * 1e6
        let daysASegment = Double(perSegment) / Double(home.devices * 1440 * HouseholdFleet.metrics.count)
        bench.printer.print(
            BenchmarkRow(
                "a home's day at a 10 s window", written.kernel.map { $0 / unit }, "MB", goal: .atMost(40),
                beside: .init(name: "a 4 KiB block a window", value: Double(windows * 4096) / unit),
                note: "50 devices × 5 × 1/min, \(days) days from a half full head on, in which "
                    + "\(loaded.store.statistics.sealedSegments - sealed) segments were sealed (one in "
                    + "\(tenths(daysASegment)) days is usual); the store's own counter says \(tenths(written.own / unit)) MB"
                    + device(written, perUnit: unit, "MB")))
    }

    private func device(_ written: WriteAccount.Written, perUnit: Double, _ unit: String) -> String {
        guard let bytes = written.device else { return "" }
        return "; the device took \(tenths(bytes / perUnit)) \(unit), its journal and others' writing included"
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
