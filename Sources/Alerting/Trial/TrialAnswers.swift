import PromQL
import Readings
import Synchronization

/// The answers of a group's rules at its ticks, asked for many ticks at once: a range query reads each sample once, where
/// instant ones read it at every tick of the lookback.
///
/// Only rules that don't look at what rules write can be asked ahead; the others are asked at each tick.
final class TrialAnswers: Sendable {
    private let group: RuleGroup
    private let interval: Int64
    private let end: Timestamp
    private let store: TrialStore
    private let options: QueryOptions
    private let chunks: Mutex<[Chunk]>

    /// What is known ahead of a rule.
    private struct Chunk {
        /// Ticks to ask for at once; 0: it can't be asked ahead.
        var size: Int
        /// Up to this stamp the answers are known.
        var until = Timestamp(milliseconds: .min)
        var answers: [Timestamp: [VectorElement]] = [:]
        /// Whether the ticks up to `until` must be asked one by one, because asking for all failed.
        var isBroken = false
    }

    init(_ group: RuleGroup, interval: Int64, end: Timestamp, store: TrialStore, options: QueryOptions) {
        self.group = group
        self.interval = interval
        self.end = end
        self.store = store
        self.options = options
        chunks = Mutex(group.rules.map { Chunk(size: $0.query.isAskedAlone ? 0 : 2000) })
    }

    /// What the rule's expression gives at `stamp`; nil if it must be asked then.
    func elements(ofRule index: Int, at stamp: Timestamp) -> [VectorElement]? {
        chunks.withLock { chunks in
            guard chunks.indices.contains(index), chunks[index].size > 0 else { return nil }
            if stamp > chunks[index].until { fill(&chunks[index], group.rules[index].query, from: stamp) }
            guard chunks[index].size > 0, !chunks[index].isBroken else { return nil }
            return chunks[index].answers[stamp] ?? []
        }
    }

    private func fill(_ chunk: inout Chunk, _ query: Query, from stamp: Timestamp) {
        chunk.answers = [:]
        chunk.isBroken = false
        let ticks = Int64(chunk.size - 1)
        let last = min(
            stamp.advanced(byMilliseconds: ticks.multipliedReportingOverflow(by: interval).partialValue), end)
        chunk.until = max(stamp, last)
        _ = store.takeWasAskedForWritten()
        do {
            let answer = try query.range(
                from: stamp, to: chunk.until, stepMilliseconds: interval, source: store, options: options)
            guard !store.takeWasAskedForWritten(), case .matrix(let series) = answer.value else {
                chunk.size = 0
                return
            }
            for one in series {
                for sample in one.samples {
                    chunk.answers[sample.time, default: []].append(VectorElement(labels: one.labels, sample: sample))
                }
            }
        } catch {
            // A limit was hit, or some tick can't be answered: then each for itself, and fewer at once the next time.
            chunk.isBroken = true
            chunk.size = max(16, chunk.size / 4)
        }
    }
}
