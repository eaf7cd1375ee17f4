import Readings

/// Late samples of a series that are not in a segment yet.
struct LateSamples: Sendable {
    /// In the order in which they were filled; a later one's value at an instant overrides an earlier one's.
    var chunks: [HeadChunk]
    /// As they came. Override the chunks.
    fileprivate var block: OpenBlock?
    fileprivate var rows: Int

    /// The samples that are in no chunk, by time, each instant once: of several the one that came last.
    var samples: [Sample] {
        guard let block else { return [] }
        let times = block.times(rows)
        let values = block.values(0, rows)
        var order = Array(times.indices)
        order.sort { (times[$0], $0) < (times[$1], $1) }
        var samples: [Sample] = []
        samples.reserveCapacity(order.count)
        for row in order {
            let sample = Sample(time: Timestamp(milliseconds: times[row]), value: values[row])
            if samples.last?.time == sample.time { samples[samples.count - 1] = sample } else { samples.append(sample) }
        }
        return withExtendedLifetime(block) { samples }
    }

    /// The sample at `time` that came last among those that are in no chunk.
    func newestOpen(at time: Int64) -> Double? {
        guard let block else { return nil }
        return withExtendedLifetime(block) {
            block.times(rows).lastIndex(of: time).map { block.value(0, ofRow: $0) }
        }
    }
}

/// The series with late samples. Those that are open lie as they came: adding one moves nothing, and copies nothing that
/// a snapshot holds.
struct LateTable: Sendable {
    private var groups = PagedArray(default: HeadGroup())

    var memoryBytes: Int { groups.memoryBytes }

    /// The series that have some, ascending.
    var keys: [UInt32] {
        var keys: [UInt32] = []
        groups.forEachElement { number, group in
            if group.block != nil || !group.chunks.isEmpty { keys.append(UInt32(number)) }
        }
        return keys
    }

    subscript(series: UInt32) -> LateSamples? {
        guard let group = group(series), group.block != nil || !group.chunks.isEmpty else { return nil }
        return LateSamples(chunks: group.chunks, block: group.block, rows: group.rows)
    }

    func group(_ series: UInt32) -> HeadGroup? { Int(series) < groups.count ? groups[Int(series)] : nil }

    mutating func update<R>(_ series: UInt32, _ body: (inout HeadGroup) -> R) -> R {
        groups.extend(to: Int(series) + 1)
        return body(&groups[Int(series)])
    }

    func forEachGroup<E: Error>(_ body: (Int, HeadGroup) throws(E) -> Void) throws(E) {
        try groups.forEachElement(body)
    }
}
