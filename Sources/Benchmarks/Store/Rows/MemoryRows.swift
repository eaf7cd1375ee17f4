/// Resident memory of a process with a store, above what it had before.
struct MemoryRows {
    let bench: Workbench

    func measure() throws {
        bench.printer.printProgress("weighing a child with 1,000 series")
        let few = try WeighedStore(
            bench, devices: 200, minutes: 1440 * 3, diskBudget: 512, memoryBudget: 64)
        bench.printer.print(row(few, goal: .atMost(24), "; budgets of the daemon: 512 MiB on disk, 64 MiB of memory"))
        let many = try bench.millionSeries()
        bench.printer.print(
            row(
                many, goal: many.isAll ? .atMost(512) : nil,
                "; registering one takes \(Int(many.registering / Double(many.series) * 1e9)) ns" + many.remark))
    }

    private func row(_ store: WeighedStore, goal: BenchmarkRow.Goal?, _ more: String) -> BenchmarkRow {
        BenchmarkRow(
            "\(store.series) series, \(store.readings) readings", store.resident / 1_048_576, "MiB", goal: goal,
            beside: .init(name: "the store's own counter", value: store.counted / 1_048_576),
            note: "at the most \(Int(store.peak / 1_048_576)) MiB" + more)
    }
}
