import Readings

extension SelectedSeries {
    /// For sources that have samples and nothing else: folds them. Sums are those of Doubles, added one by one.
    public func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        guard step > 0 else { return }
        let first = range.lowerBound.bucketStart(step: step, origin: origin)
        let end = range.upperBound.bucketStart(step: step, origin: origin).advanced(byMilliseconds: step - 1)
        var buckets: [Aggregate] = []
        try forEachRun(in: first...max(first, end)) { run in
            buckets.fold(run, step: step, origin: origin)
            return true
        }
        _ = try body(buckets.span)
    }

    /// For sources that have samples and nothing else.
    public func recordWidth(step: Int64, origin: Timestamp) -> Int64? { nil }

    /// For sources that have samples and nothing else.
    public func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange] {
        [StepRange(range: range, step: step, origin: origin)]
    }
}

extension [Aggregate] {
    /// Adds samples, which are not before those of the last bucket.
    mutating func fold(_ run: Span<Sample>, step: Int64, origin: Timestamp) {
        for index in run.indices {
            let (start, value) = (run[index].time.bucketStart(step: step, origin: origin), run[index].value)
            if last?.start == start {
                self[count - 1].add(value)
            } else {
                append(
                    Aggregate(start: start, count: 1, min: value, max: value, sum: value, first: value, last: value))
            }
        }
    }
}

extension Aggregate {
    fileprivate mutating func add(_ value: Double) {
        count += 1
        if value < min || min.isNaN { min = value }
        if value > max || max.isNaN { max = value }
        sum += value
        last = value
    }
}

extension Timestamp {
    /// Where the bucket of `step` milliseconds begins that this instant is in, if one begins at `origin`.
    fileprivate func bucketStart(step: Int64, origin: Timestamp) -> Timestamp {
        var into = (milliseconds % step - origin.milliseconds % step) % step
        if into < 0 { into += step }
        return advanced(byMilliseconds: -into)
    }
}
