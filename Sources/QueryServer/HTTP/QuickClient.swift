import Glibc
import NIOCore
import Synchronization

/// Whether several clients ask at a time.
final class QuickClients: Sendable {
    /// Who asked last.
    private let last = Atomic(UInt(0))
    /// Since when it is the only one who asks, as uptime in nanoseconds.
    private let aloneSince = Atomic(UInt64(0))

    fileprivate func asks(_ client: UInt, at now: NIODeadline) {
        guard last.load(ordering: .relaxed) != client else { return }
        last.store(client, ordering: .relaxed)
        aloneSince.store(now.uptimeNanoseconds, ordering: .relaxed)
    }

    fileprivate func isAlone(for time: TimeAmount, at now: NIODeadline) -> Bool {
        now - .uptimeNanoseconds(aloneSince.load(ordering: .relaxed)) >= time
    }
}

/// Keeps the thread of a connection awake for a moment where its client asks one question after another, as scripts do: to wake
/// it for the next one would take longer than to answer.
///
/// Only where no other client asks at that time, since others of that thread wait meanwhile.
struct QuickClient {
    /// From an answer to the next question it is no longer.
    private static let pause = TimeAmount.microseconds(200)
    /// How long the thread stays awake.
    private static let patience = TimeAmount.microseconds(50)
    /// For so long nobody else has asked.
    private static let alone = TimeAmount.milliseconds(1)

    private let clients: QuickClients
    private let number: UInt
    /// Of the connection, once it has been asked for.
    private var socket: CInt?
    private var lastAnswer = NIODeadline.uptimeNanoseconds(0)
    private var isQuick = false

    init(_ channel: any Channel, among clients: QuickClients) {
        self.clients = clients
        number = UInt(bitPattern: ObjectIdentifier(channel))
    }

    /// A question has come.
    mutating func asks() {
        let now = NIODeadline.now()
        isQuick = now - lastAnswer < QuickClient.pause
        clients.asks(number, at: now)
    }

    /// All has been answered: waits, if that is worth it, for what comes on the connection.
    mutating func stayAwake(_ pipeline: ChannelPipeline) {
        lastAnswer = .now()
        guard isQuick, clients.isAlone(for: QuickClient.alone, at: lastAnswer) else { return }
        // To ask for it takes longer than to look at it.
        if socket == nil {
            socket = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0 }
        }
        guard let socket else { return }
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        repeat {
            if poll(&wanted, 1, 0) != 0 { return }
        } while .now() - lastAnswer < QuickClient.patience
    }
}
