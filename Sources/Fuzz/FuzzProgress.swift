import Glibc
import HostileMessages
import Readings
import Synchronization

/// Counts what came of the sessions, tells of faults at once and of the rest now and then.
final class FuzzProgress: Sendable {
    private struct State {
        var sessions = 0
        var messages = 0
        var readings: UInt64 = 0
        var refused: UInt64 = 0
        var digest: UInt64 = 0
        var slowest: (seed: UInt64, HostileSession.Slowest)?
        var faults = 0
        var told = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let started = ContinuousClock.now
    private let convention: String?
    private let longestMilliseconds: Int
    private let mostMebibytes: Int

    init(convention: String?, longestMilliseconds: Int, mostMebibytes: Int) {
        self.convention = convention
        self.longestMilliseconds = longestMilliseconds
        self.mostMebibytes = mostMebibytes
    }

    /// The command that shows a session again, up to so many messages.
    func replay(_ seed: UInt64, messages: Int) -> String {
        "tools/fuzz --seed \(seed) --messages \(messages)" + (convention.map { " --convention \($0)" } ?? "")
            + " --show"
    }

    func note(_ report: HostileSession.Report) {
        state.withLock { state in
            let before = state.messages
            state.sessions += 1
            state.messages += report.messages
            state.readings += report.readings
            state.refused += report.refused
            // In whichever order the sessions end.
            state.digest ^= report.digest &+ report.seed &* 0x9E37_79B9_7F4A_7C15
            if let fault = report.fault {
                tell(fault.text, report.seed, message: fault.message, &state)
            }
            if let slowest = report.slowest {
                if slowest.nanoseconds > state.slowest?.1.nanoseconds ?? 0 { state.slowest = (report.seed, slowest) }
                if slowest.nanoseconds > UInt64(longestMilliseconds) * 1_000_000 {
                    tell(
                        "\(FuzzProgress.milliseconds(slowest)) for one message", report.seed, message: slowest.message,
                        &state)
                }
            }
            if before / 1_000_000 != state.messages / 1_000_000 || state.told.duration(to: .now) > .seconds(30) {
                state.told = .now
                print("\(state.messages) messages …")
            }
            // A pipe or file gets the line now, too: the process may die of the next session.
            fflush(nil)
        }
    }

    private func tell(_ text: String, _ seed: UInt64, message: Int, _ state: inout State) {
        state.faults += 1
        print("\(text)\n  replay: \(replay(seed, messages: message + 1)) | tail -n 4")
    }

    /// Prints the sum. Returns whether nothing is wrong.
    func close() -> Bool {
        state.withLock { state in
            let seconds = started.duration(to: .now).components.seconds
            let peak = FuzzProgress.peakMebibytes()
            print(
                "\(state.messages) messages in \(state.sessions) sessions and \(seconds) s: \(state.readings) readings, "
                    + "\(state.refused) refused")
            if let (seed, slowest) = state.slowest {
                print(
                    "slowest: \(FuzzProgress.milliseconds(slowest)) for \(slowest.bytes) bytes; "
                        + replay(seed, messages: slowest.message + 1))
            }
            print("memory: at most \(peak) MiB")
            if peak > mostMebibytes {
                state.faults += 1
                print("more memory than --memory \(mostMebibytes) allows")
            }
            print("answers: \(String(state.digest, radix: 16))")
            print(state.faults == 0 ? "nothing wrong" : "\(state.faults) faults")
            return state.faults == 0
        }
    }

    /// Prints a message, in a form that a shell and a person can read, before it is given.
    static func show(_ index: Int, _ message: HostileMessage) {
        let text = String(decoding: message.payload.prefix(4000), as: UTF8.self).debugDescription
        print(
            "\(index): \(message.topic.debugDescription)\(message.retained ? " retained" : "") at "
                + "\(message.receivedAt.milliseconds), \(message.payload.count) bytes: \(text)")
        fflush(nil)
    }

    private static func milliseconds(_ slowest: HostileSession.Slowest) -> String {
        let hundredths = slowest.nanoseconds / 10_000
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) ms"
    }

    private static func peakMebibytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
