/// Does for the writer what takes long: one job at a time, while the writer goes on.
///
/// A real store has a thread; a simulation decides by its seed when a job is done.
package protocol SealingWorker: AnyObject, Sendable {
    /// Takes a job. The one before was waited for.
    func run(_ job: @escaping @Sendable () -> Void)
    /// Returns when the job that was given last is done. Called once for each.
    func wait()
    /// Returns when nothing is being done any more. What was not begun may be left undone; nothing is given afterwards.
    func stop()
}
