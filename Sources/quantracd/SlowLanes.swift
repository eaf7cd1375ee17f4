import Alerting
import Dispatch
import Synchronization

/// Asks what slow rules want to know, on threads that nobody waits for. What they find is taken over by the rules' own loop, in turn
/// with everything else.
///
/// There are two, as slow rules differ: what takes a moment must not stand behind what takes ten seconds each time. A rule that
/// loses the first one's patience goes to the second, and begins there at the next tick. In each the quickest goes first.
final class SlowLanes: Sendable {
    /// How long a rule may take in the first lane.
    private static let patience = Duration.seconds(2)

    private let brisk: Lane
    private let long: Lane
    private let finished = Mutex<[GroupEvaluation]>([])
    private let wakeUp: @Sendable () -> Void

    /// - Parameter wakeUp: called when an evaluation can go on.
    init(wakeUp: @escaping @Sendable () -> Void) {
        self.wakeUp = wakeUp
        brisk = Lane("slow rules")
        long = Lane("slowest rules")
    }

    /// Asks the rule at which `evaluation` stands. Returns at once.
    func find(for evaluation: GroupEvaluation, _ engine: RuleEngine) {
        let expected = engine.expectedCost(of: evaluation)
        guard expected <= SlowLanes.patience else { return findAtLeisure(for: evaluation, expected, engine) }
        brisk.add(evaluation, expected) { [self] evaluation in
            var evaluation = evaluation
            if engine.find(for: &evaluation, patience: SlowLanes.patience) {
                finish(evaluation)
            } else {
                findAtLeisure(for: evaluation, SlowLanes.patience, engine)
            }
        }
    }

    private func findAtLeisure(for evaluation: GroupEvaluation, _ expected: Duration, _ engine: RuleEngine) {
        long.add(evaluation, expected) { [self] evaluation in
            var evaluation = evaluation
            _ = engine.find(for: &evaluation)
            finish(evaluation)
        }
    }

    private func finish(_ evaluation: GroupEvaluation) {
        finished.withLock { $0.append(evaluation) }
        wakeUp()
    }

    /// Those that can go on.
    func takeFinished() -> [GroupEvaluation] {
        finished.withLock { finished in
            defer { finished = [] }
            return finished
        }
    }
}

/// A thread with what waits for it.
private final class Lane: Sendable {
    private let queue: DispatchQueue
    private let waiting = Mutex<[(evaluation: GroupEvaluation, expected: Duration)]>([])

    init(_ label: String) { queue = DispatchQueue(label: label) }

    /// Has `body` called with `evaluation`, or with one of those that wait and are expected to be quicker: then later.
    func add(
        _ evaluation: GroupEvaluation, _ expected: Duration, _ body: @escaping @Sendable (GroupEvaluation) -> Void
    ) {
        waiting.withLock { $0.append((evaluation, expected)) }
        queue.async { [self] in
            let next = waiting.withLock { waiting in
                waiting.indices.min { waiting[$0].expected < waiting[$1].expected }.map { waiting.remove(at: $0) }
            }
            if let next { body(next.evaluation) }
        }
    }
}
