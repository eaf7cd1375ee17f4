@testable import Delivery

extension BrokerFormat {
    /// All that is published for `message` where the broker takes everything.
    func all(of message: Message) -> [Publication] {
        [announcement(for: message)].compactMap { $0 } + publications(for: message)
            + message.dispatch.clearings.flatMap { publications(for: $0) }
            + message.entries.flatMap { announcements(of: $0.news) + [state(of: $0.news)] }
    }
}
