import Alerting
import Delivery
import Dispatch
import Readings

/// Keeps in the store who was told of which alert, and when: as series, so that it is there as long as the readings are.
///
/// On a thread of its own: no notice waits for the store.
final class TellingWriter: Sendable {
    private let sink: any SampleSink
    private let queue = DispatchQueue(label: "tellings", qos: .utility)

    init(_ sink: any SampleSink) {
        self.sink = sink
    }

    /// Returns at once.
    func write(_ tellings: [Telling]) {
        let samples = tellings.map { one in
            RuleSample(
                labels: AlertSeries.told(of: one.labels, channel: one.channel, isFiring: one.isFiring),
                sample: Sample(time: one.time, value: one.isDelivered ? 1 : 0))
        }
        queue.async { [sink] in sink.write(samples) }
    }
}
