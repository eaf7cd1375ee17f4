@testable import Delivery

extension BrokerFormat {
    /// All that is published for `message` where the broker takes everything.
    func all(of message: Message) -> [Publication] {
        [announcement(for: message)].compactMap { $0 } + publications(for: message)
            + message.dispatch.clearings.flatMap { publications(for: $0) }
            + message.dispatch.standing.flatMap { standing in
                switch standing {
                case .alert(let news, let isAnnounced):
                    (isAnnounced ? announcements(of: news) : []) + [state(of: news)]
                case .digest(let notice): publications(for: notice, sender: message.sender)
                }
            }
            + message.entries.flatMap { announcements(of: $0.news) + [state(of: $0.news)] }
    }
}
