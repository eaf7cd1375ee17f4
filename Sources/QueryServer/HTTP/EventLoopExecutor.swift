import NIOCore

/// Runs tasks on the thread of an event loop.
///
/// What a connection's task waits for happens on its event loop; on another thread it would have to be woken for each of
/// them, which takes longer than what a short answer takes to make.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
