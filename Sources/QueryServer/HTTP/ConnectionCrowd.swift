import NIOCore
import Synchronization

/// The connections of a server, so that those on which nothing is asked give way to those that come: however many somebody
/// opens and leaves idle, others are served.
final class ConnectionCrowd: Sendable {
    /// One connection's place.
    final class Member: Sendable {
        private static let busy: UInt64 = .max

        fileprivate let channel: any Channel
        /// Uptime in nanoseconds.
        private let idle = Atomic(NIODeadline.now().uptimeNanoseconds)

        fileprivate init(_ channel: any Channel) {
            self.channel = channel
        }

        /// Since when nothing is asked; nil while something is.
        fileprivate var idleSince: UInt64? {
            let since = idle.load(ordering: .relaxed)
            return since == Member.busy ? nil : since
        }

        /// A request has come in on the connection, or the last one is answered.
        func note(isBusy: Bool) {
            idle.store(isBusy ? Member.busy : NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
        }
    }

    private let most: Int
    private let members = Mutex<[ObjectIdentifier: Member]>([:])

    init(most: Int) {
        self.most = max(1, most)
    }

    /// Takes in a connection, if need be in the place of the one that has been idle longest.
    ///
    /// - Returns: nil if all others are busy.
    func join(_ channel: any Channel) -> Member? {
        let (member, leaving) = members.withLock { members -> (Member?, Member?) in
            var leaving: Member?
            if members.count >= most {
                let idle = members.values.compactMap { member in member.idleSince.map { (member, since: $0) } }
                guard let oldest = idle.min(by: { $0.since < $1.since })?.0 else { return (nil, nil) }
                leaving = members.removeValue(forKey: ObjectIdentifier(oldest))
            }
            let member = Member(channel)
            members[ObjectIdentifier(member)] = member
            return (member, leaving)
        }
        leaving?.channel.close(promise: nil)
        return member
    }

    func leave(_ member: Member) {
        members.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(member)) }
    }
}
