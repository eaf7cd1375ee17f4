import Readings

/// Where series end once their newest samples have given way.
extension StoreState {
    /// Series whose newest sample may have been in segments that are gone.
    func endings(in evicted: [SegmentEntry], _ pool: SegmentPool) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for entry in evicted {
            for chunk in pool.index(of: entry)?.entries ?? [] {
                for series in catalogue.columns(of: chunk.key) ?? []
                where tails[Int(series)].isGone(with: chunk.lastTime) {
                    found.insert(series)
                }
            }
        }
        return found
    }

    /// Sets the tails of series by what is held.
    ///
    /// One pass over the segments: asked for series by series, their indices would push each other out of the memory.
    mutating func findTails(of ended: Set<UInt32>, _ pool: SegmentPool, _ tools: TierTools) {
        guard !ended.isEmpty else { return }
        var newest: [UInt32: [SampleSource]] = [:]
        func offer(_ series: UInt32, _ source: SampleSource) {
            // Of several that end at the same instant all are needed: a late one may correct the other.
            if let end = newest[series]?.first?.lastTime {
                guard source.lastTime >= end else { return }
                if source.lastTime > end { newest[series] = [] }
            }
            newest[series, default: []].append(source)
        }
        let groups = ended.map { (series: $0, groups: catalogue.groups(of: $0)) }
        for series in ended {
            for source in sourcesInHead(of: series, in: .min ... .max) { offer(series, source) }
        }
        for entry in segments {
            guard let index = pool.index(of: entry) else { continue }
            for (series, groups) in groups {
                forEachSource(of: groups, in: .min ... .max, segment: entry, index) { offer(series, $0) }
            }
        }
        for series in ended { setTail(of: series, by: newest[series] ?? [], pool, tools) }
        endBehindAmendments(tools)
    }

    private mutating func setTail(
        of series: UInt32, by newest: [SampleSource], _ pool: SegmentPool, _ tools: TierTools
    ) {
        var decoder: ChunkDecoder? = tools.decoder
        var tail = SeriesTail(sources: newest, pool: pool, decoder: &decoder)
        if tail.last == nil, !newest.isEmpty {
            // Damaged: what lies before it.
            tail = SeriesTail(
                sources: sources(of: series, in: .min ... .max, pool: pool), pool: pool, decoder: &decoder)
        }
        // Its last sample is gone, but not that it was there: tiers know of it.
        if newest.isEmpty { tail.through = tails[Int(series)].through }
        tails[Int(series)] = tail
    }
}
