import RingStore

/// Fills a ring three times around while somebody else watches what its directory takes from the disk.
struct BudgetRows {
    let bench: Workbench

    func measure() throws {
        let budget: UInt64 = (bench.options.quick ? 32 : 256) << 20
        bench.printer.printProgress("filling a ring three times around")
        try bench.place.with("watched") { path in
            let watcher = DirectoryWatcher(path)
            let loaded = try LoadedStore(
                path: path, options: StoreOptions(diskBudget: budget, memoryBudget: 64 << 20))
            try loaded.register(HouseholdFleet(devices: Noise.devices, days: 1).series)
            var noise = Noise(after: HouseholdFleet.start)
            let segments = UInt64(loaded.store.statistics.poolSegments)
            while loaded.store.statistics.sealedSegments < 3 * segments {
                try noise.append(messages: 2000, to: loaded)
            }
            try loaded.writer.close()
            let seen = watcher.stop()
            let over = seen.most > budget ? seen.most - budget : 0
            bench.printer.print(
                BenchmarkRow(
                    "ring filled three times around", Double(over), "B", goal: .atMost(0),
                    note: "budget \(budget), most seen \(seen.most) in \(seen.samples) samples, the first before "
                        + "there was a file; \(loaded.store.statistics.evictedSegments) of "
                        + "\(loaded.store.statistics.sealedSegments) segments evicted"))
        }
    }
}
