import Dispatch
import Glibc
import Synchronization

/// The worker of a real store: a thread of its own, which yields the processor to the one that takes readings in.
final class SealingThread: SealingWorker {
    /// What the thread and its owner share: the thread must not keep its owner alive.
    private final class Exchange: Sendable {
        /// Nil when it is given: the end.
        let job = Mutex<(@Sendable () -> Void)?>(nil)
        let given = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)

        func serve() {
            while true {
                given.wait()
                guard let job = job.withLock({ $0.take() }) else { return }
                job()
                done.signal()
            }
        }
    }

    private let exchange = Exchange()
    /// Nil before the start and after the end, and where the system gives no thread.
    private let thread: Mutex<pthread_t?>

    /// A waiting writer lends the worker no priority: more would make it wait longer on a busy machine.
    private static let niceness: Int32 = 5

    init() {
        var started = pthread_t()
        let shared = Unmanaged.passRetained(exchange)
        let failure = pthread_create(
            &started, nil,
            { shared in
                guard let shared else { return nil }
                // Linux takes the niceness of the calling thread for 0.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, SealingThread.niceness)
                Unmanaged<Exchange>.fromOpaque(shared).takeRetainedValue().serve()
                return nil
            }, shared.toOpaque())
        if failure != 0 { shared.release() }
        thread = Mutex(failure == 0 ? started : nil)
    }

    deinit { stop() }

    func run(_ job: @escaping @Sendable () -> Void) {
        guard thread.withLock({ $0 != nil }) else {
            job()
            exchange.done.signal()
            return
        }
        exchange.job.withLock { $0 = job }
        exchange.given.signal()
    }

    func wait() { exchange.done.wait() }

    func stop() {
        guard let running = thread.withLock({ $0.take() }) else { return }
        exchange.given.signal()
        pthread_join(running, nil)
    }
}
