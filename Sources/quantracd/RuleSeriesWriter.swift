import Alerting
import Logging
import QueryServer
import Synchronization

/// Writes the series that rules make into the store, on the ingest thread, which owns its writer.
final class RuleSeriesWriter: SampleSink {
    private let errands: IngestErrands
    private let logger: Logger
    /// What was last complained of: a full disk is not news every fifteen seconds.
    private let complaint = Mutex<String?>(nil)

    init(errands: IngestErrands, logger: Logger) {
        self.errands = errands
        self.logger = logger
    }

    /// Returns when the samples are durable and to be seen, or it is logged that they are not.
    func write(_ samples: [RuleSample]) {
        guard !samples.isEmpty else { return }
        let series = samples.map { ImportedSeries(labels: $0.labels, unit: nil, samples: [$0.sample]) }
        do {
            try errands.runBlocking { desk in
                let outcome = try desk.batch.take(series)
                guard let refused = outcome.refused.max(by: { $0.value < $1.value }) else { return }
                throw ImportRefused("\(refused.value) samples were refused: \(refused.key)")
            }
            complaint.withLock { $0 = nil }
        } catch {
            let text = "the series that rules record were not stored: \(error)"
            let isNews = complaint.withLock { last in
                defer { last = text }
                return last != text
            }
            if isNews { logger.error("\(text)") }
        }
    }
}
