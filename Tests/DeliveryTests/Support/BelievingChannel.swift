import Alerting
import Readings
import Synchronization

@testable import Delivery

/// Somebody who believes what they were told last of each device, and cannot be reached now and then.
final class BelievingChannel: Channel {
    let isReachable: Atomic<Bool>
    private let firing = Mutex<[String: Bool]>([:])

    init(isReachable: Bool = true) { self.isReachable = Atomic(isReachable) }

    /// The devices of the alerts that are believed to fire.
    var believed: Set<String> { firing.withLock { Set($0.filter(\.value).keys) } }

    func send(_ message: Message) async -> Outcome {
        guard isReachable.load(ordering: .relaxed) else { return .failed("HTTP 503") }
        firing.withLock { for entry in message.entries { $0[entry.news.labels.device] = entry.news.isFiring } }
        return .delivered
    }
}
