import NIOCore
import Synchronization

/// The connections of a server, so that those on which nothing is asked give way to those that come: however many somebody
/// opens and leaves idle, others are served.
final class ConnectionCrowd: Sendable {
    private struct Member {
        let channel: any Channel
        /// Since when nothing is asked; nil while something is.
        var idleSince: NIODeadline?
    }

    private let most: Int
    private let members = Mutex<[ObjectIdentifier: Member]>([:])

    init(most: Int) {
        self.most = max(1, most)
    }

    /// Takes in a connection, if need be in the place of the one that has been idle longest.
    ///
    /// - Returns: false if all others are busy.
    func join(_ channel: any Channel) -> Bool {
        let (isIn, leaving) = members.withLock { members -> (Bool, (any Channel)?) in
            var leaving: (any Channel)?
            if members.count >= most {
                let idle = members.compactMap { id, member in member.idleSince.map { (id: id, since: $0) } }
                guard let oldest = idle.min(by: { $0.since < $1.since }) else { return (false, nil) }
                leaving = members.removeValue(forKey: oldest.id)?.channel
            }
            members[ObjectIdentifier(channel)] = Member(channel: channel, idleSince: .now())
            return (true, leaving)
        }
        leaving?.close(promise: nil)
        return isIn
    }

    /// A request has come in on the connection, or the last one is answered.
    func note(_ channel: any Channel, isBusy: Bool) {
        members.withLock { $0[ObjectIdentifier(channel)]?.idleSince = isBusy ? nil : .now() }
    }

    func leave(_ channel: any Channel) {
        members.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}
