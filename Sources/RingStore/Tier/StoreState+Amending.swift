import Readings

extension StoreState {
    /// What an amendment, and the samples behind it in these raw segments and in the head if wanted, make of its bucket.
    func whole(
        _ amendment: Amendment, of number: UInt32, _ grid: BucketGrid, segments: ClosedRange<UInt64>, head: Bool,
        _ pool: SegmentPool, _ decoder: ChunkDecoder
    ) -> Aggregate {
        let end = grid.end(of: amendment.record.start.milliseconds)
        guard amendment.through < end else { return amendment.record }
        return fold(
            number, grid, (amendment.through + 1)...end, segments: segments, head: head, pool, decoder,
            from: amendment.record
        ).first ?? amendment.record
    }

    /// About what all amendments take in the log.
    var amendmentBytes: Int { tiers.reduce(0) { $0 + $1.amendments.expectedBytes } }

    /// Keeps, before `segment` gives way, what the buckets come to that it holds samples of, and that could not be derived
    /// without it any more: those that samples in the head come to, too, and those that samples changed which came late
    /// since the tier was last sealed.
    mutating func amend(before segment: SegmentEntry, most: Int, _ pool: SegmentPool, _ tools: TierTools) {
        let newest = segments.last?.sequence ?? 0
        guard tiers.contains(where: \.isKept), let index = pool.index(of: segment) else { return }
        let needing = tiers.indices.filter { position in
            let tier = tiers[position]
            let end = tier.grid.end(of: segment.lastTime)
            return tier.isKept
                && (tier.derivedThrough < newest || tier.head.firstRecomputed <= segment.lastTime
                    || head.firstTime <= end
                    || index.hasEnd(tails, catalogue, tier.grid))
        }
        guard !needing.isEmpty else { return }
        let moment = StoreMoment(self, pool)
        let spans = index.spans(catalogue)
        for position in needing {
            for (number, span) in spans.sorted(by: { $0.key < $1.key }) {
                let starts = bucketsToAmend(number, span, segment, tiers[position], pool, tools)
                let mayEnd = tails[Int(number)].isGone(with: span.upperBound)
                for amendment in amendments(starts, of: number, position, mayEnd, moment, tools)
                where amendmentBytes < most {
                    tiers[position].amendments.put(amendment, of: number, tiers[position].grid, tools)
                    tiers[position].head.put(amendment.record, of: number, tools)
                }
            }
        }
    }

    /// The buckets of `tier`, by their begins, that lose samples with a segment which has samples of the series in `span`.
    private func bucketsToAmend(
        _ number: UInt32, _ span: ClosedRange<Int64>, _ segment: SegmentEntry, _ tier: Tier, _ pool: SegmentPool,
        _ tools: TierTools
    ) -> [Int64] {
        let wide = tier.grid.whole(span)
        var starts = underivedBuckets(of: number, in: wide, tier, pool, tools)
        starts.formUnion(tier.head.recomputed(number, in: wide.lowerBound...span.upperBound, decoder: tools.decoder))
        // It goes on in this bucket, and its rows of one kind may be sealed before earlier ones of another.
        let end = tails[Int(number)].through
        if wide.contains(end), catalogue.hasKinds(number) { starts.insert(tier.grid.start(of: end)) }
        for known in tier.amendments.find(number, in: wide, decoder: tools.decoder) {
            let start = known.record.start.milliseconds
            // What came behind one that is not closed may be in the segment.
            if known.through == .max { starts.remove(start) } else { starts.insert(start) }
        }
        guard !starts.isEmpty else { return [] }
        // Between its first and its last sample the segment need not have any: a clock may have been wrong.
        let losing = fold(
            number, tier.grid, wide, segments: segment.sequence...segment.sequence, head: false, pool, tools.decoder)
        return starts.intersection(losing.map(\.start.milliseconds)).sorted()
    }

    /// The buckets in `range`, by their begins, to which samples of the series come that `tier` does not know and that need not be
    /// later than those which it knows.
    func underivedBuckets(
        of number: UInt32, in range: ClosedRange<Int64>, _ tier: Tier, _ pool: SegmentPool, _ tools: TierTools
    ) -> Set<Int64> {
        let isDerived = tier.derivedThrough >= segments.last?.sequence ?? 0
        guard !isDerived || head.firstTime <= range.upperBound else { return [] }
        let found =
            isDerived
            ? sourcesInHead(of: number, in: range)
            : sources(of: number, in: range, segments: (tier.derivedThrough + 1) ... .max, pool: pool)
        guard !found.isEmpty else { return [] }
        // Rows of one kind wait, now and then, while later ones of another are sealed.
        let hasKinds = catalogue.hasKinds(number)
        var starts: Set<Int64> = []
        var decoder: ChunkDecoder? = tools.decoder
        var samples: [Sample] = []
        for source in found where hasKinds || source.rank > 0 {
            source.read(in: range, pool: pool, decoder: &decoder, into: &samples)
            for sample in samples { starts.insert(tier.grid.start(of: sample.time.milliseconds)) }
        }
        return starts
    }

    /// What the buckets that begin at `starts`, ascending, come to now.
    ///
    /// - Parameter mayEnd: whether the series may end earlier from now on: what is in order then is not what is in order now.
    private func amendments(
        _ starts: [Int64], of number: UInt32, _ position: Int, _ mayEnd: Bool, _ moment: StoreMoment, _ tools: TierTools
    ) -> [Amendment] {
        let tier = tiers[position]
        let kept = tiers[...position].filter(\.isKept)
        let source = AggregateSource(moment, number, tier.grid, .all, tools.decoder)
        var found: [Amendment] = []
        var rest = starts[...]
        while let first = rest.first {
            // Neighbours together: their samples lie in the same chunks.
            let run = rest.prefix { $0 - first < 1024 * tier.grid.width }
            rest = rest.dropFirst(run.count)
            let wanted = Set(run)
            let range = first...tier.grid.end(of: run.last ?? first)
            for record in source.records(tier.grid, from: kept[...], range) {
                let start = record.start.milliseconds
                guard wanted.contains(start) else { continue }
                // What a tier never knew whole it does not come to know by a part.
                let isWhole = start >= tier.knownFrom || start > evictedThrough
                guard isWhole || tier.record(of: number, at: start, pool: moment.pool, decoder: tools.decoder) != nil
                else { continue }
                let end = tier.grid.end(of: start)
                let through =
                    mayEnd
                    ? lastTime(of: number, in: start...end, tier, moment.pool, tools) : tails[Int(number)].through
                found.append(Amendment(record: record, through: through < end ? through : .max))
            }
        }
        return found
    }

    /// The last instant of a bucket at which there is, or was, a sample.
    private func lastTime(
        of number: UInt32, in bucket: ClosedRange<Int64>, _ tier: Tier, _ pool: SegmentPool, _ tools: TierTools
    ) -> Int64 {
        let known = tier.amendments.find(number, at: bucket.lowerBound, decoder: tools.decoder)?.through
        var last = known ?? bucket.lowerBound
        var decoder: ChunkDecoder? = tools.decoder
        var samples: [Sample] = []
        for source in sources(of: number, in: bucket, pool: pool) {
            source.read(in: bucket, pool: pool, decoder: &decoder, into: &samples)
            if let sample = samples.last { last = max(last, sample.time.milliseconds) }
        }
        return last
    }

    /// Lets go the amendments of a tier whose segments hold everything: those of buckets of which no sample is in the head, and in
    /// which, as long as something of them is held, the series does not go on.
    mutating func dropAmendments(ofTier position: Int, _ tools: TierTools) {
        let tier = tiers[position]
        guard !tier.amendments.isEmpty, tier.sealedThrough >= segments.last?.sequence ?? 0 else { return }
        tiers[position].amendments = tier.amendments.filter(tier.grid, tools) { number, record in
            let bucket = tier.grid.whole(record.start.milliseconds...record.start.milliseconds)
            let goesOn = tails[Int(number)].through < bucket.upperBound && evictedThrough < bucket.upperBound
            return goesOn || isInHead(number, bucket)
        }
    }

    /// Takes an amendment back, as a checkpoint holds it.
    mutating func takeUp(
        _ amendment: Amendment, of number: UInt32, _ content: SegmentEntry.Content, _ tools: TierTools
    ) {
        guard let position = tiers.firstIndex(where: { $0.content == content }) else { return }
        tiers[position].amendments.put(amendment, of: number, tiers[position].grid, tools)
        tiers[position].head.put(amendment.record, of: number, tools)
    }

    /// Lets no series go on before an instant that one of its amendments tells of: what came there may be gone.
    mutating func endBehindAmendments(_ tools: TierTools) {
        for tier in tiers {
            for number in tier.amendments.series where Int(number) < tails.count {
                guard let last = tier.amendments.find(number, in: .min ... .max, decoder: tools.decoder).last else {
                    continue
                }
                let end = min(last.through, tier.grid.end(of: last.record.start.milliseconds))
                tails[Int(number)].through = max(tails[Int(number)].through, end)
            }
        }
    }

    /// Whether the head may have samples of the series in `range`.
    private func isInHead(_ number: UInt32, _ range: ClosedRange<Int64>) -> Bool {
        head.firstTime <= range.upperBound && !sourcesInHead(of: number, in: range).isEmpty
    }
}

extension SeriesTail {
    /// Whether the newest sample, or the last one in order, may be gone with everything up to `time`.
    func isGone(with time: Int64) -> Bool {
        through <= time || last.map { $0.time.milliseconds <= time } ?? false
    }
}

extension Catalogue {
    /// Whether rows of the series are of several kinds.
    fileprivate func hasKinds(_ number: UInt32) -> Bool { groups(of: number).count { $0.key.kind != .late } > 1 }
}

extension SegmentIndex {
    /// Whether a series has its newest sample in a bucket of `grid` that a chunk reaches into.
    fileprivate func hasEnd(_ tails: PagedArray<SeriesTail>, _ catalogue: Catalogue, _ grid: BucketGrid) -> Bool {
        entries.contains { entry in
            let end = grid.end(of: entry.lastTime)
            return (catalogue.columns(of: entry.key) ?? []).contains { tails[Int($0)].through <= end }
        }
    }

    /// By series, from when to when its chunks reach.
    fileprivate func spans(_ catalogue: Catalogue) -> [UInt32: ClosedRange<Int64>] {
        var spans: [UInt32: ClosedRange<Int64>] = [:]
        for entry in entries where entry.firstTime <= entry.lastTime {
            for number in catalogue.columns(of: entry.key) ?? [] {
                let known = spans[number] ?? entry.firstTime...entry.lastTime
                spans[number] =
                    min(known.lowerBound, entry.firstTime)...max(known.upperBound, entry.lastTime)
            }
        }
        return spans
    }
}
