import ArgumentParser
import Dispatch
import Glibc
import LastWords
import StorageSimulator
import Synchronization

/// `quantrac-simulate`, which `tools/simulate` builds and runs.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantrac-simulate",
        abstract: "Runs the store through power cuts, kills, failing calls and full disks, each drawn from a seed.",
        discussion: """
            Each seed is a store's whole life on a simulated disk: what is sent, what fails, and where the power goes. A \
            plain dictionary knows what was acknowledged and is compared with what the store holds. A seed that fails \
            prints the command that replays it; it does the same on every machine. Every 25th is a full ring, too, whose \
            minutes and hours are compared.
            """)

    @Option(help: "How many seeds to run.")
    var seeds = 1000

    @Option(help: "The first seed.")
    var start: UInt64 = 1

    @Option(help: "How many to run at once; by default as many as there are processors.")
    var jobs = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    @Flag(help: "A full ring with every seed, which takes a hundred times as long.")
    var fullRings = false

    @Flag(help: "A line for each seed.")
    var verbose = false

    private static let fullRingEvery: UInt64 = 25

    func validate() throws {
        guard (1...100_000_000).contains(seeds) else { throw ValidationError("--seeds must be from 1 to 100000000.") }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 256.") }
        guard start <= UInt64.max - UInt64(seeds) else { throw ValidationError("--start is too large.") }
    }

    func run() throws {
        let progress = SimulationProgress(seeds: seeds, fullRings: fullRings, verbose: verbose)
        let next = Atomic(0)
        LastWords.prepare(workers: jobs)
        DispatchQueue.concurrentPerform(iterations: jobs) { worker in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < seeds else { break }
                let seed = start + UInt64(index)
                LastWords.note(ReplayCommand.text(seed, fullRings), worker: worker)
                var report = StoreSimulation.run(seed: seed)
                if fullRings || seed % SimulateCommand.fullRingEvery == 0 {
                    report += FullRingSimulation.run(seed: seed)
                }
                progress.note(report)
            }
            LastWords.note("", worker: worker)
        }
        guard progress.close() else { throw ExitCode(1) }
    }
}

/// How to see a seed's run again.
enum ReplayCommand {
    static func text(_ seed: UInt64, _ fullRings: Bool) -> String {
        "tools/simulate --start \(seed) --seeds 1" + (fullRings ? " --full-rings" : "")
    }
}
