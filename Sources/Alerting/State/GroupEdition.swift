import Synchronization

/// A group as it is until a reload changes it or a clock is set: evaluations that are under way end with it. Asked on any thread.
final class GroupEdition: Sendable {
    private let over = Atomic(false)

    /// Whether nobody wants to know any more.
    var isOver: Bool { over.load(ordering: .relaxed) }

    func end() { over.store(true, ordering: .relaxed) }
}
