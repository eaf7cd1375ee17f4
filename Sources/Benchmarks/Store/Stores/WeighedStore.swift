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
