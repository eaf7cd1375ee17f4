import NIOCore
import Synchronization

/// Whether the client of a connection is still there: a query that nobody waits for any more is given up.
final class ClientPresence: Sendable {
    /// A client that has closed its side may be gone, or wait for its answer (`nc -N`): the kernel tells no difference before
    /// something is sent. So it counts as there for as long as most answers take.
    private static let patience = TimeAmount.seconds(2)

    /// When it counts as gone, as uptime in nanoseconds.
    private let goneAt = Atomic(UInt64.max)

    var hasGone: Bool { NIODeadline.now().uptimeNanoseconds >= goneAt.load(ordering: .relaxed) }

    /// It has closed its side.
    func asksNoMore() {
        goneAt.store((NIODeadline.now() + ClientPresence.patience).uptimeNanoseconds, ordering: .relaxed)
    }

    func leave() { goneAt.store(0, ordering: .relaxed) }
}

extension QueryContext {
    /// The client who asks; nil where there is no connection, as in tests of routes alone.
    func client() async -> ClientPresence? {
        try? await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).client
        }.get()
    }
}
