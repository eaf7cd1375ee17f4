import ArgumentParser
import Dispatch
import Glibc
import HostileMessages
import LastWords
import Synchronization

/// `quantrac-fuzz`, which `tools/fuzz` builds and runs.
@main
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantrac-fuzz",
        abstract: "Gives hostile messages to the decoders and to the intake, and looks at what comes of them.",
        discussion: """
            The messages come in sessions, each drawn from a seed of its own: what one message teaches, the next ones attack. \
            A crash, an answer that breaks a rule, a table that outgrows its limit, a message that takes too long or memory \
            that grows prints the command that replays it; it does the same on every machine. The last line's number is the \
            same for all runs in which all answers were the same.
            """)

    @Option(help: "How many messages.")
    var messages = 1_000_000

    @Option(help: "The seed of the first session; the others count on from it.")
    var seed: UInt64 = 1

    @Option(help: "Only messages of one convention: \(Corpus.conventions.joined(separator: ", ")).")
    var convention: String?

    @Option(help: "How many sessions to run at once; by default as many as there are processors.")
    var jobs = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    @Option(help: "The most milliseconds of processor time that a message of an ordinary size may take.")
    var longest = 50

    @Option(help: "The most MiB that the process may ever hold.")
    var memory = 512

    @Flag(help: "Print each message before it is given; one session at a time.")
    var show = false

    /// Within this time some session is over, or something hangs.
    private static let longestSessionSeconds: UInt32 = 300

    func validate() throws {
        guard (1...10_000_000_000).contains(messages) else {
            throw ValidationError("--messages must be from 1 to 10000000000.")
        }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 256.") }
        guard longest > 0, memory > 0 else { throw ValidationError("--longest and --memory must be at least 1.") }
        guard seed < UInt64.max / 2 else { throw ValidationError("--seed is too large.") }
        if let convention, !Corpus.conventions.contains(convention) {
            throw ValidationError(
                "No convention \(convention); there are \(Corpus.conventions.joined(separator: ", ")).")
        }
    }

    func run() throws {
        let progress = FuzzProgress(
            convention: convention, longestMilliseconds: longest, mostMebibytes: memory)
        let plan = FuzzPlan(seed: seed, messages: messages)
        let workers = show ? 1 : jobs
        let shown: (@Sendable (Int, HostileMessage) -> Void)? =
            show ? { @Sendable in FuzzProgress.show($0, $1) } : nil
        LastWords.prepare(workers: workers)
        FuzzCommand.limitMemory(mebibytes: 8 * memory)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            while let session = plan.next() {
                alarm(FuzzCommand.longestSessionSeconds)
                LastWords.note(
                    progress.replay(session.seed, messages: session.messages), worker: worker)
                progress.note(
                    HostileSession.run(
                        seed: session.seed, convention: convention, upTo: session.messages, show: shown))
            }
            LastWords.note("", worker: worker)
        }
        alarm(0)
        guard progress.close() else { throw ExitCode(1) }
    }

    /// What wants more fails at once, and says with which message, rather than fill the machine.
    private static func limitMemory(mebibytes: Int) {
        let bytes = rlim_t(mebibytes) << 20
        var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    }
}

/// Which session is next, for whichever worker is free.
private final class FuzzPlan: Sendable {
    private struct State {
        var seed: UInt64
        var left: Int
    }

    private let state: Mutex<State>

    init(seed: UInt64, messages: Int) {
        state = Mutex(State(seed: seed, left: messages))
    }

    /// The next session's seed, and how many messages of it are wanted; nil if all messages are given out.
    func next() -> (seed: UInt64, messages: Int)? {
        state.withLock { state in
            guard state.left > 0 else { return nil }
            let messages = min(state.left, HostileSession.length(seed: state.seed))
            state.left -= messages
            defer { state.seed += 1 }
            return (state.seed, messages)
        }
    }
}
