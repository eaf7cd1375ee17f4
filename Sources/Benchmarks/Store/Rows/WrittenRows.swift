import RingStore

/// What reaches the disk, by the kernel's account of this process, and by the store's own counter.
struct WrittenRows {
    let bench: Workbench

    /// Bytes.
    private struct Written {
        var kernel: Double?
        var own: Double
        var device: Double?
    }

    func measure() throws {
        let fleet = HouseholdFleet(days: max(1, bench.scaled(10)))
        try measure("written-fleet", fleet, windowMilliseconds: nil) { loaded, written in
            let readings = Double(loaded.readings)
            return BenchmarkRow(
                "a reading, in batches of 10,000", written.kernel.map { $0 / readings }, "B", goal: .atMost(2.3),
                beside: .init(name: "the store's own counter", value: written.own / readings),
                note: "\(loaded.readings) readings, \(loaded.store.statistics.sealedSegments) segments sealed"
                    + device(written, perUnit: readings, "B a reading"))
        }
        // So many that segments are sealed: one takes a home about a week.
        let days = bench.options.quick ? 2 : 20
        let home = HouseholdFleet(devices: 50, days: days)
        try measure("written-home", home, windowMilliseconds: 10_000) { loaded, written in
            let unit = Double(days) * 1e6
            let blocks = Double(loaded.costs.count * 4096) / unit
            return BenchmarkRow(
                "a home's day at a 10 s window", written.kernel.map { $0 / unit }, "MB", goal: .atMost(40),
                beside: .init(name: "a 4 KiB block a window", value: blocks),
                note: "50 devices × 5 × 1/min, \(days) days, \(loaded.costs.count / days) appends a day, "
                    + "\(loaded.store.statistics.sealedSegments) segments sealed; the store's own counter says "
                    + "\((written.own / unit * 10).rounded() / 10) MB" + device(written, perUnit: unit, "MB"))
        }
    }

    private func measure(
        _ name: String, _ fleet: HouseholdFleet, windowMilliseconds: Int64?,
        _ row: (LoadedStore, Written) -> BenchmarkRow
    ) throws {
        try bench.place.with(name) { path in
            let loaded = try LoadedStore(path: path, options: .standard)
            try loaded.register(fleet.series)
            PageCache.drop(path + "/log")
            let own = loaded.store.statistics.bytesWritten
            let kernel = ProcessAccount.bytesWritten
            let device = ProcessAccount.deviceBytesWritten(path)
            var window: Int64 = 0
            try fleet.forEachRow { time, series, values in
                let isDue =
                    if let windowMilliseconds { time / windowMilliseconds > window } else {
                        loaded.waitingReadings >= 10_000
                    }
                if isDue {
                    try loaded.append()
                    PageCache.drop(path + "/log")
                    window = time / (windowMilliseconds ?? 1)
                }
                loaded.add(time, series, values)
            }
            try loaded.append()
            let written = Written(
                kernel: difference(ProcessAccount.bytesWritten, kernel),
                own: Double(loaded.store.statistics.bytesWritten - own),
                device: difference(ProcessAccount.deviceBytesWritten(path), device))
            bench.printer.print(row(loaded, written))
        }
    }

    private func difference(_ after: UInt64?, _ before: UInt64?) -> Double? {
        guard let after, let before else { return nil }
        return Double(after - before)
    }

    private func device(_ written: Written, perUnit: Double, _ unit: String) -> String {
        guard let bytes = written.device else { return "" }
        let amount = (bytes / perUnit * 10).rounded() / 10
        return "; the device took \(amount) \(unit), its journal and others' writing included"
    }
}
