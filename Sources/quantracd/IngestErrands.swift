import Dispatch
import Intake
import MQTTSubscriber
import QueryServer
import Synchronization

/// What others want done on the ingest thread, which owns the store's writer and the intake.
///
/// Each errand waits for its turn, and whoever brought it waits for it: what is held is bounded by the number of those who
/// wait. The thread does one between two of the broker's batches, so that neither waits for more than one of the other's.
final class IngestErrands: Sendable {
    /// What lies on the ingest thread and nowhere else.
    struct Desk {
        let intake: Intake
        let batch: StoreBatch
    }

    private struct State {
        /// Called with nil if the thread has ended.
        var errands: [@Sendable (Desk?) -> Void] = []
        var isClosed = false
    }

    /// As many may wait as the server lets ask at once.
    private static let mostErrands = 64
    private let state = Mutex(State())
    private let link: BrokerLink

    init(link: BrokerLink) {
        self.link = link
    }

    /// Has `body` run on the ingest thread, which it should hold up for no longer than a sync takes.
    ///
    /// - Throws: `ImportRefused` if it is not run, because too many wait or the daemon stops; what `body` throws.
    func run<Result: Sendable>(_ body: @escaping @Sendable (Desk) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            add(body) { continuation.resume(with: $0) }
        }
    }

    /// How long a thread waits for its errand: the ingest thread may be held up in the broker's library (a name server that
    /// does not answer), and alerts must not wait for that.
    private static let patience = DispatchTimeInterval.seconds(5)

    /// The same for a thread that may wait, such as the rules' own; never call it on the cooperative pool.
    ///
    /// - Throws: also if it is not done within some seconds; it is then done later.
    func runBlocking(_ body: @escaping @Sendable (Desk) throws -> Void) throws {
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<Swift.Result<Void, any Error>>(.success(()))
        add(body) { result in
            outcome.withLock { $0 = result }
            done.signal()
        }
        guard done.wait(timeout: .now() + IngestErrands.patience) == .success else {
            throw ImportRefused("the ingest thread is held up; they are stored when it goes on")
        }
        try outcome.withLock { $0 }.get()
    }

    /// Puts `body` into the queue; `finish` is called once, with why not if it is not run.
    private func add<Result: Sendable>(
        _ body: @escaping @Sendable (Desk) throws -> Result,
        finish: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) {
        let refusal: ImportRefused? = state.withLock { state in
            if state.isClosed { return .stopping }
            guard state.errands.count < IngestErrands.mostErrands else {
                return ImportRefused("too many imports are waiting: try again in a moment")
            }
            state.errands.append { desk in
                guard let desk else { return finish(.failure(ImportRefused.stopping)) }
                finish(Swift.Result { try body(desk) })
            }
            return nil
        }
        if let refusal { finish(.failure(refusal)) } else { link.wakeUp() }
    }

    /// Does the oldest errand, if there is one. Called on the ingest thread.
    func workOnce(_ desk: Desk) {
        let (errand, isMore) = state.withLock { state in
            let first = state.errands.isEmpty ? nil : state.errands.removeFirst()
            return (first, !state.errands.isEmpty)
        }
        if isMore { link.wakeUp() }
        errand?(desk)
    }

    /// Refuses what waits and what comes later.
    func close() {
        let errands = state.withLock { state in
            state.isClosed = true
            defer { state.errands = [] }
            return state.errands
        }
        for errand in errands { errand(nil) }
    }
}

extension ImportRefused {
    fileprivate static let stopping = ImportRefused("the daemon is stopping: try again when it runs")
}
