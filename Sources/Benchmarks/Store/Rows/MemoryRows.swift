import Foundation
import RingStore

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

/// What a process that holds a store said of itself.
struct WeighedStore {
    /// Bytes above the empty process.
    let resident: Double
    let peak: Double
    /// As the store counts.
    let counted: Double
    let series: Int
    let readings: Int
    /// Seconds.
    let registering: Double
    let lastSampleNanoseconds: Double
    /// Whether no series was refused, and none left out to be quick.
    let isAll: Bool
    /// What there is to say if one was refused.
    let remark: String

    /// Budgets in MiB.
    init(_ bench: Workbench, devices: Int, minutes: Int, diskBudget: Int, memoryBudget: Int) throws {
        let output = bench.place.file("weigh-output")
        let child = try bench.place.with("weighed") { path in
            let child = try StoreChild(
                [
                    "weigh", "--path", path, "--disk-budget", "\(diskBudget)", "--memory-budget", "\(memoryBudget)",
                    "--devices", "\(devices)", "--minutes", "\(minutes)",
                ], outputPath: output)
            try child.waitForSuccess()
            return child
        }
        func value(_ name: String) throws -> Double {
            guard let value = child.value(name) else {
                throw LoadedStore.Failure(description: "the weighed process did not tell its '\(name)'")
            }
            return value
        }
        let empty = try value("empty")
        resident = try value("resident") - empty
        peak = try value("peak") - empty
        counted = try value("counted")
        series = Int(try value("series"))
        readings = Int(try value("readings"))
        registering = try value("registering")
        lastSampleNanoseconds = try value("lastSample")
        let refused = child.process.output.split(separator: "\n").first { $0.hasPrefix("refused ") }
        remark = refused.map { "; not all series came in: " + $0.dropFirst("refused ".count) } ?? ""
        isAll = refused == nil && series == devices * HouseholdFleet.metrics.count && !bench.options.quick
    }
}
