import ArgumentParser

/// The parts of the store's benchmark that need a process of their own: one to be killed, one to be weighed.
struct StoreChildCommand: ParsableCommand {
    enum Task: String, ExpressibleByArgument {
        case fill, weigh
    }

    static let configuration = CommandConfiguration(
        commandName: "store-child", abstract: "A part of the store's benchmark.", shouldDisplay: false)

    @Argument var task: Task
    @Option var path: String
    /// MiB
    @Option var diskBudget: UInt64
    /// MiB
    @Option var memoryBudget: UInt64
    @Option var devices = 200
    @Option var minutes = 1440

    func run() throws {
        switch task {
        case .fill:
            try FillChild(path: path, diskBudget: diskBudget << 20, memoryBudget: memoryBudget << 20).run()
        case .weigh:
            try WeighChild(
                path: path, diskBudget: diskBudget << 20, memoryBudget: memoryBudget << 20, devices: devices,
                minutes: minutes
            ).run()
        }
    }
}
