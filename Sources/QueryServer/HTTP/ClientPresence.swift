import NIOCore
import Synchronization

/// Whether the client of a connection is still there: a query that nobody waits for any more is given up.
final class ClientPresence: Sendable {
    private let gone = Atomic(false)

    /// A client that has closed its side only counts as gone, too: the kernel tells no difference before something is sent.
    var hasGone: Bool { gone.load(ordering: .relaxed) }

    func leave() { gone.store(true, ordering: .relaxed) }
}

extension QueryContext {
    /// The client who asks; nil where there is no connection, as in tests of routes alone.
    func client() async -> ClientPresence? {
        try? await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).client
        }.get()
    }
}
