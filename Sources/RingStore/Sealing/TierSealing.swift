import Readings

/// A tier's head on its way into segments: one, or several that count together.
struct TierSealing: Sendable {
    /// A record: the first that the segments made so far had no room for.
    private struct Place {
        var series = 0
        var record = 0
    }

    /// Among the tiers.
    let index: Int
    let tier: Tier
    private var place: Place? = Place()
    private(set) var made: [SegmentEntry] = []
    /// What chunks and indices take.
    private(set) var used = 0
    private(set) var bytesWritten: UInt64 = 0
    /// What stays in memory, once everything is in segments.
    private(set) var rest = TierHead()

    init(_ index: Int, _ tier: Tier) {
        self.index = index
        self.tier = tier
    }

    var isFinished: Bool { place == nil }
    /// About what the segments of `head` take together.
    static func expectedBytes(_ head: TierHead) -> Int {
        head.expectedBytes(perRecord: 12, perSeries: TierChunk.bytesOfSeries)
    }

    /// Makes the next segment.
    mutating func fill(
        _ builder: SegmentBuilder, _ geometry: StoreGeometry, _ tools: SealingTools
    ) throws(FileError) {
        place = try append(from: place ?? Place(), to: builder, geometry, tools)
        builder.note(derivedThrough: tier.derivedThrough, isContinued: !isFinished)
        made.append(try builder.finish())
        used += builder.used
        bytesWritten = builder.bytesWritten
        guard isFinished else { return }
        rest = tier.head
        for number in rest.series.indices { rest.noteSealed(UInt32(number)) }
    }

    /// Writes as many records as find room. Returns the first that did not.
    private func append(
        from place: Place, to builder: SegmentBuilder, _ geometry: StoreGeometry, _ tools: SealingTools
    ) throws(FileError) -> Place? {
        var records: [Aggregate] = []
        var start = place.record
        for number in place.series..<tier.head.series.count where tier.head.series[number].isChanged {
            records.removeAll(keepingCapacity: true)
            tier.head.append(UInt32(number), in: .min ... .max, decoder: tools.decoder, to: &records)
            while start < records.count {
                // A chunk of numbers that do not become smaller still fits into a segment.
                let end = min(records.count, start + min(Chunk.mostRows, max(1, geometry.segmentRoom / 128)))
                let fits = try builder.append { out in
                    TierChunk.append(
                        records[start..<end], of: UInt32(number), encoder: tools.dense, scratch: tools.tier.scratch,
                        to: &out)
                }
                guard fits else { return Place(series: number, record: start) }
                start = end
            }
            start = 0
        }
        return nil
    }
}
