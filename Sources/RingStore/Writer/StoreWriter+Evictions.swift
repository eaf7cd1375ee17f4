import Readings

extension StoreWriter {
    /// Series whose newest sample may have been in segments that are gone.
    func endings(in evicted: [SegmentEntry]) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for entry in evicted {
            for chunk in shared.pool.index(of: entry)?.entries ?? [] {
                for series in state.catalogue.columns(of: chunk.key) ?? [] {
                    let tail = state.tails[Int(series)]
                    if tail.through <= chunk.lastTime
                        || tail.last.map({ $0.time.milliseconds <= chunk.lastTime }) ?? false
                    {
                        found.insert(series)
                    }
                }
            }
        }
        return found
    }

    /// Sets the tails of series by what is held.
    ///
    /// One pass over the segments: asked for series by series, their indices would push each other out of the memory.
    func findTails(of ended: Set<UInt32>) {
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
        let groups = ended.map { (series: $0, groups: state.catalogue.groups(of: $0)) }
        for series in ended {
            for source in state.sourcesInHead(of: series, in: .min ... .max) { offer(series, source) }
        }
        for entry in state.segments {
            guard let index = shared.pool.index(of: entry) else { continue }
            for (series, groups) in groups {
                state.forEachSource(of: groups, in: .min ... .max, segment: entry, index) { offer(series, $0) }
            }
        }
        for series in ended { setTail(of: series, by: newest[series] ?? []) }
    }

    private func setTail(of series: UInt32, by newest: [SampleSource]) {
        var tail = SeriesTail(sources: newest, pool: shared.pool, decoder: &chunkDecoder)
        if tail.last == nil, !newest.isEmpty {
            // Damaged: what lies before it.
            tail = SeriesTail(
                sources: state.sources(of: series, in: .min ... .max, pool: shared.pool), pool: shared.pool,
                decoder: &chunkDecoder)
        }
        // Its last sample is gone, but not that it was there: tiers know of it.
        if newest.isEmpty { tail.through = state.tails[Int(series)].through }
        // A frame that is being made may have moved the instant on already.
        if portion.through[Int(series)] == state.tails[Int(series)].through {
            portion.through[Int(series)] = tail.through
        }
        state.tails[Int(series)] = tail
    }
}
