import Synchronization

/// Refused messages on their way from the ingest thread to whoever keeps them.
///
/// Bounded: a flood of them costs the ingest thread a count each, and the messages of one topic leave room for others'.
/// What does not find room is counted as not kept.
public final class RefusalInbox: Sendable {
    private struct State {
        var messages: [RefusedMessage] = []
        var quota = RefusalQuota.inbox
        var notKept: UInt64 = 0
    }

    private let state = Mutex(State())

    /// How many were refused since the start and not kept.
    public var notKept: UInt64 { state.withLock { $0.notKept } }

    /// Everything that has come since the last call, in order.
    public func take() -> [RefusedMessage] {
        state.withLock { state in
            defer {
                state.messages = []
                state.quota = .inbox
            }
            return state.messages
        }
    }

    /// Counts messages that whoever keeps them had to let go.
    public func countNotKept(_ count: Int) {
        state.withLock { $0.notKept += UInt64(count) }
    }

    /// Adds messages, as many as find room.
    ///
    /// - Parameter notKept: others that were refused with them and only count.
    public func add(_ messages: [RefusedMessage], notKept: UInt64) {
        if messages.isEmpty, notKept == 0 { return }
        state.withLock { state in
            state.notKept += notKept
            for message in messages {
                if state.quota.admit(
                    group: message.group, topic: message.topic, reason: message.kind.reason,
                    payloadBytes: message.payload.count)
                {
                    state.messages.append(message)
                } else {
                    state.notKept += 1
                }
            }
        }
    }
}

/// How many messages may be kept in one go, in all and of one group and reason.
struct RefusalQuota {
    /// What the ingest thread copies for one commit.
    static let commit = RefusalQuota(messages: 256, bytes: 256 << 10)
    /// What waits to be written.
    static let inbox = RefusalQuota(messages: 1024, bytes: 1 << 20)

    private struct Group: Hashable {
        var name: String
        var reason: String
    }

    private static let mostOfGroup = 32
    private static let mostBytesOfGroup = 64 << 10

    private var messages: Int
    private var bytes: Int
    private var groups: [Group: (messages: Int, bytes: Int)] = [:]

    private init(messages: Int, bytes: Int) {
        self.messages = messages
        self.bytes = bytes
    }

    /// Whether a message finds room; then it is counted. The first of a group always may be as large as one can be.
    mutating func admit(group name: String, topic: String, reason: String, payloadBytes: Int) -> Bool {
        let cost = RefusedMessage.keptBytes(of: payloadBytes) + min(topic.utf8.count, RefusedMessage.topicLimit)
        guard messages > 0, bytes >= cost else { return false }
        let key = Group(name: name, reason: reason)
        let group = groups[key] ?? (0, 0)
        guard group.messages < RefusalQuota.mostOfGroup,
            group.messages == 0 || group.bytes + cost <= RefusalQuota.mostBytesOfGroup
        else { return false }
        groups[key] = (group.messages + 1, group.bytes + cost)
        messages -= 1
        bytes -= cost
        return true
    }
}
