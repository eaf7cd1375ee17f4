import Glibc
import StorageSimulator
import Synchronization

/// Counts what came of the seeds, tells of failures at once and of the rest now and then.
final class SimulationProgress: Sendable {
    private struct State {
        var tally = SimulationTally()
        var done = 0
        var failed: [UInt64] = []
        var told = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let started = ContinuousClock.now
    private let seeds: Int
    private let fullRings: Bool
    private let verbose: Bool

    init(seeds: Int, fullRings: Bool, verbose: Bool) {
        self.seeds = seeds
        self.fullRings = fullRings
        self.verbose = verbose
    }

    func note(_ report: SimulationReport) {
        state.withLock { state in
            state.tally += report.tally
            state.done += 1
            if !report.isPassed {
                state.failed.append(report.seed)
                print(
                    "seed \(report.seed) failed: \(report.complaints[0])\n  replay: \(ReplayCommand.text(report.seed, fullRings))"
                )
            } else if verbose {
                print("seed \(report.seed): \(report.tally.line)")
            }
            if isatty(STDERR_FILENO) == 1, state.told.duration(to: .now) > .seconds(1) {
                state.told = .now
                tell("\r\(state.done) of \(seeds) seeds …\u{1b}[K")
            }
            // A pipe or file gets the line now, too: the process may die of the next seed.
            fflush(nil)
        }
    }

    /// Prints the sum. Returns whether every seed passed.
    func close() -> Bool {
        state.withLock { state in
            if isatty(STDERR_FILENO) == 1 { tell("\r\u{1b}[K") }
            let seconds = started.duration(to: .now).components.seconds
            print("\(state.done) seeds in \(seconds) s: \(state.tally.line)")
            for seed in state.failed.sorted() { print("failed: \(ReplayCommand.text(seed, fullRings))") }
            print(state.failed.isEmpty ? "all passed" : "\(state.failed.count) failed")
            return state.failed.isEmpty
        }
    }
}

extension SimulationTally {
    fileprivate var line: String {
        "\(processes) processes, \(batches) batches taken, \(calls) system calls, \(powerCuts) power cuts, \(kills) kills, "
            + "\(errors) processes with errors, \(flips) rotten disks, \(judgements) judgements"
    }
}

/// Writes to standard error, unbuffered.
private func tell(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
