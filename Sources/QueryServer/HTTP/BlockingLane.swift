import Hummingbird
import NIOPosix
import Synchronization

/// A way to threads that may wait for the disk, for a bounded number of requests at once.
///
/// The others wait in the order in which they came; beyond a bound they are told to come again. Each lane has its own
/// bound, so that long queries never keep the page or `quantrac status` waiting.
final class BlockingLane: Sendable {
    /// The threads of all lanes. They live as long as the process: a pool must not be released while it runs.
    private static let pool = {
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        return pool
    }()

    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let state: Mutex<State>
    private let waitingBound: Int

    init(concurrent: Int, waiting: Int) {
        state = Mutex(State(free: concurrent))
        waitingBound = waiting
    }

    /// Runs `body` on a thread that may wait.
    ///
    /// - Throws: ``APIError`` if too many requests wait already; what `body` throws.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard await enter() else {
            throw APIError(.timeout, "too many requests are waiting: try again in a moment")
        }
        defer { leave() }
        return try await BlockingLane.pool.runIfActive(body)
    }

    /// The answer with what `body` tells, put into words on that thread, too: a report may be long.
    func answer<Report: Codable & Sendable>(
        _ body: @escaping @Sendable () throws -> Report
    ) async throws -> Response {
        try await run { try APIAnswer.success(body()) }
    }

    private func enter() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < waitingBound else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Hands the place to the one who has waited longest.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }
}
