import Intake
import QueryAPI
import Readings
import Synchronization

/// Hands the readings that have just become durable to whoever listens. The ingest thread never waits for a listener:
/// one that falls behind by more than its buffer is let go.
final class LiveFeed: Sendable {
    /// Readings that may wait for one listener.
    static let bufferLimit = 4096
    static let listenerLimit = 64

    private struct Listener {
        var selectors: [[LabelMatcher]]
        var continuation: AsyncStream<LiveReading>.Continuation
    }

    private struct Contents {
        var listeners: [UInt64: Listener] = [:]
        var nextID: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    var isListenedTo: Bool { contents.withLock { !$0.listeners.isEmpty } }
    var listenerCount: Int { contents.withLock { $0.listeners.count } }

    /// The readings from now on that meet all matchers of any one of `selectors`; all readings if there is none. Beyond
    /// 64 listeners the stream ends at once.
    func listen(matching selectors: [[LabelMatcher]]) -> AsyncStream<LiveReading> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: LiveReading.self, bufferingPolicy: .bufferingOldest(LiveFeed.bufferLimit))
        let id: UInt64? = contents.withLock { contents in
            guard contents.listeners.count < LiveFeed.listenerLimit else { return nil }
            contents.nextID += 1
            contents.listeners[contents.nextID] = Listener(selectors: selectors, continuation: continuation)
            return contents.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.drop(id) }
        return stream
    }

    /// Called by the ingest thread after a commit.
    func tell(_ readings: [DurableReading]) {
        let listeners = contents.withLock { $0.listeners }
        for (id, listener) in listeners {
            for reading in readings where LiveFeed.matches(reading.labels, listener.selectors) {
                if case .dropped = listener.continuation.yield(LiveReading(reading)) {
                    listener.continuation.finish()
                    drop(id)
                    break
                }
            }
        }
    }

    /// Ends every stream, so that the server can stop.
    func close() {
        let listeners = contents.withLock { contents in
            defer { contents.listeners = [:] }
            return contents.listeners
        }
        for listener in listeners.values { listener.continuation.finish() }
    }

    private func drop(_ id: UInt64) {
        _ = contents.withLock { $0.listeners.removeValue(forKey: id) }
    }

    private static func matches(_ labels: Labels, _ selectors: [[LabelMatcher]]) -> Bool {
        selectors.isEmpty || selectors.contains { $0.allSatisfy { $0.matches(labels) } }
    }
}

extension LiveReading {
    init(_ reading: DurableReading) {
        let labels = reading.labels
        self.init(
            household: labels.household, device: labels.device, metric: labels.metric,
            labels: labels.beyondIdentity, unit: reading.unit, value: reading.sample.value,
            time: reading.sample.time.rfc3339)
    }
}

extension Labels {
    /// The labels beside metric, household and device.
    var beyondIdentity: [String: String] {
        let own = [LabelName.metric, LabelName.household, LabelName.device]
        return Dictionary(
            uniqueKeysWithValues: sorted.filter { !own.contains($0.name) }.map { ($0.name, $0.value) })
    }
}
