import Alerting
import Dispatch
import Synchronization

/// Asks what slow rules want to know, one after the other, on a thread that nobody waits for. What they find is taken over by
/// the rules' own loop, in turn with everything else.
final class SlowLane: Sendable {
    private let queue = DispatchQueue(label: "slow rules")
    private let finished = Mutex<[GroupEvaluation]>([])
    private let wakeUp: @Sendable () -> Void

    /// - Parameter wakeUp: called when an evaluation can go on.
    init(wakeUp: @escaping @Sendable () -> Void) { self.wakeUp = wakeUp }

    /// Returns at once.
    func find(for evaluation: GroupEvaluation, _ engine: RuleEngine) {
        queue.async { [self] in
            var evaluation = evaluation
            engine.find(for: &evaluation)
            finished.withLock { $0.append(evaluation) }
            wakeUp()
        }
    }

    /// Those that can go on.
    func takeFinished() -> [GroupEvaluation] {
        finished.withLock { finished in
            defer { finished = [] }
            return finished
        }
    }
}
