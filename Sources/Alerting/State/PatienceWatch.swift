import PromQL
import Synchronization

/// Ends a rule's queries once they have taken longer than somebody wants to wait for them, and knows that it did: that is no
/// failure of the rule, as its own limit of time would be.
final class PatienceWatch: Sendable {
    private let start = ContinuousClock.now
    private let patience: Duration?
    private let lost = Atomic(false)
    private let base: QueryOptions
    private let isOver: @Sendable () -> Bool

    /// - Parameters:
    ///   - patience: nil for as long as the options allow.
    ///   - isOver: whether nobody wants to know any more.
    init(_ patience: Duration?, options: QueryOptions, isOver: @escaping @Sendable () -> Bool = { false }) {
        self.patience = patience
        base = options
        self.isOver = isOver
    }

    /// For the queries.
    var options: QueryOptions {
        var options = base
        options.isCancelled = { [self] in base.isCancelled() || isOver() || isBeyond }
        return options
    }

    private var isBeyond: Bool {
        guard let patience, spent > patience else { return false }
        lost.store(true, ordering: .relaxed)
        return true
    }

    /// Whether queries were ended because they took too long.
    var isLost: Bool { lost.load(ordering: .relaxed) }

    /// Since the beginning.
    var spent: Duration { ContinuousClock.now - start }
}
