import RingStore
import Synchronization

/// A worker that does its job when it is told to: at once, or between two appends, as a seed wills.
package final class SteppedWorker: SealingWorker {
    private let job = Mutex<(@Sendable () -> Void)?>(nil)
    private let isImmediate: Bool

    package init(isImmediate: Bool = false) {
        self.isImmediate = isImmediate
    }

    package func run(_ job: @escaping @Sendable () -> Void) {
        if isImmediate { return job() }
        self.job.withLock { $0 = job }
    }

    /// Does the job that waits; false if none does.
    @discardableResult
    package func step() -> Bool {
        guard let job = job.withLock({ $0.take() }) else { return false }
        job()
        return true
    }

    package func wait() { step() }

    package func stop() { job.withLock { $0 = nil } }
}
