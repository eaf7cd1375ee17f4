import Readings

/// Folds ascending samples of one series into buckets.
struct BucketFold {
    let grid: BucketGrid
    /// Finished buckets.
    var out: [Aggregate] = []
    /// The bucket that the last samples fell into.
    private var current: Aggregate?
    private var currentEnd = Int64.min
    /// Digits after the point that the last values had.
    private var digits = 0
    /// Whether all values of the rows at hand are known to be decimals of `digits`.
    private var areDigitsKnown = false

    init(_ grid: BucketGrid) {
        self.grid = grid
    }

    /// Goes on from a bucket that holds earlier samples.
    init(_ grid: BucketGrid, from bucket: Aggregate?) {
        self.grid = grid
        guard let bucket else { return }
        current = bucket
        currentEnd = grid.end(of: bucket.start.milliseconds)
    }

    /// Takes in rows of which the times ascend, all of them after what was taken in before.
    ///
    /// `digits` are those after the point that all values are known to have.
    mutating func take(
        _ times: UnsafeBufferPointer<Int64>, _ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>,
        digits known: Int? = nil
    ) {
        digits = known ?? 0
        areDigitsKnown = known != nil
        var row = rows.lowerBound
        while row < rows.upperBound {
            let time = times[row]
            if current == nil || time > currentEnd {
                finish()
                currentEnd = grid.end(of: time)
                let end = bucketEnd(times, row, rows.upperBound)
                current = summary(start: grid.start(of: time), values, row..<end)
                row = end
            } else {
                let end = bucketEnd(times, row, rows.upperBound)
                append(values, row..<end)
                row = end
            }
        }
    }

    mutating func take(_ columns: SampleColumns) {
        take(columns.times, columns.values, columns.times.indices, digits: columns.digits)
    }

    func isOneBucket(_ first: Int64, _ last: Int64) -> Bool { grid.end(of: first) >= last }

    /// Takes in a chunk of which all rows lie in one bucket, by its zone. False, with nothing taken, if rows must be read.
    mutating func take(_ zone: Zone, from first: Int64, through last: Int64) -> Bool {
        guard isOneBucket(first, last), case .decimal(let sum, let exponent) = zone.sum else { return false }
        let power = DecimalScale.power(exponent)
        guard max(zone.min.magnitude, zone.max.magnitude) * Double(zone.count) * power < DecimalSum.limit / 2 else {
            return false
        }
        let isNew = current == nil || first > currentEnd
        digits = exponent
        let part = Aggregate(
            start: Timestamp(milliseconds: grid.start(of: first)), count: zone.count, min: zone.min, max: zone.max,
            sum: Double(sum) / power, first: zone.first, last: zone.last)
        if !isNew, let bucket = current, !isExact(bucket.sum, with: part) { return false }
        if isNew {
            finish()
            currentEnd = grid.end(of: first)
            current = part
        } else {
            current?.add(part)
        }
        return true
    }

    /// Takes in rows by what another fold of the same grid made of them alone. False, with nothing taken, if they must be
    /// read.
    mutating func take(_ folded: FoldedRun) -> Bool {
        let buckets = folded.buckets
        guard buckets.count > 0 else { return false }
        let first = buckets[0]
        digits = folded.digits
        if let bucket = current, first.start.milliseconds <= currentEnd {
            guard isExact(bucket.sum, with: first) else { return false }
            current?.add(first)
        } else {
            finish()
            current = first
        }
        for index in 1..<buckets.count {
            finish()
            current = buckets[index]
        }
        currentEnd = current.map { grid.end(of: $0.start.milliseconds) } ?? .min
        return true
    }

    mutating func take(_ samples: Span<Sample>) {
        for index in samples.indices {
            let time = samples[index].time.milliseconds
            if current == nil || time > currentEnd {
                finish()
                currentEnd = grid.end(of: time)
                current = Aggregate(start: grid.start(of: time), samples[index].value)
            } else {
                current?.add(samples[index].value)
            }
        }
    }

    /// Ends the last bucket.
    mutating func finish() {
        if let current { out.append(current) }
        current = nil
    }

    /// The first row from `row` on that is not in the bucket up to `currentEnd` any more.
    @inline(__always)
    private func bucketEnd(_ times: UnsafeBufferPointer<Int64>, _ row: Int, _ end: Int) -> Int {
        if times[end - 1] <= currentEnd { return end }
        // Twice as far each time, then halving: buckets are short against chunks.
        var low = row
        var step = 8
        while low + step < end, times[low + step] <= currentEnd {
            low += step
            step *= 2
        }
        var high = min(low + step, end)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= currentEnd { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func append(_ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>) {
        guard var bucket = current else { return }
        if rows.count > 4, let part = decimalSummary(start: bucket.start.milliseconds, values, rows),
            isExact(bucket.sum, with: part)
        {
            bucket.add(part)
        } else {
            for row in rows { bucket.add(values[row]) }
        }
        current = bucket
    }

    /// Whether `sum` plus the sum of `part` is what adding its values one by one comes to, for sure.
    private func isExact(_ sum: Double, with part: Aggregate) -> Bool {
        let power = DecimalScale.power(digits)
        let most = sum.magnitude + Swift.max(part.min.magnitude, part.max.magnitude) * Double(part.count)
        return DecimalScale.integer(sum, times: power) != nil && most * power < DecimalSum.limit / 2
    }

    private mutating func summary(
        start: Int64, _ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>
    ) -> Aggregate {
        if rows.count > 2, let summary = decimalSummary(start: start, values, rows) { return summary }
        var bucket = Aggregate(start: start, values[rows.lowerBound])
        for row in rows.dropFirst() { bucket.add(values[row]) }
        return bucket
    }

    /// As whole numbers; nil if a value is no decimal, or if a sum on the way might be too large for one.
    private mutating func decimalSummary(
        start: Int64, _ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>
    ) -> Aggregate? {
        if areDigitsKnown, let summary = knownSummary(start: start, values, rows) { return summary }
        var mayHaveFewer = true
        while true {
            let power = DecimalScale.power(digits)
            var least = Int64.max
            var greatest = Int64.min
            var sum: Int64 = 0
            var row = rows.lowerBound
            while row < rows.upperBound, let integer = DecimalScale.integer(values[row], times: power) {
                least = min(least, integer)
                greatest = max(greatest, integer)
                sum &+= integer
                row += 1
            }
            if row == rows.upperBound {
                guard Double(max(greatest.magnitude, least.magnitude)) * Double(rows.count) < DecimalSum.limit else {
                    return nil
                }
                return Aggregate(
                    start: Timestamp(milliseconds: start), count: rows.count, min: Double(least) / power,
                    max: Double(greatest) / power, sum: Double(sum) / power, first: values[rows.lowerBound],
                    last: values[rows.upperBound - 1])
            }
            // A number too large for the digits of the last bucket may be one of fewer. Only once: others may need more,
            // with which it is too large again.
            guard let needed = DecimalScale.exponent(of: values[row]),
                needed > digits || row == rows.lowerBound && needed < digits && mayHaveFewer
            else { return nil }
            if needed < digits { mayHaveFewer = false }
            digits = needed
        }
    }

    /// Of decimals that are known to be some: added as Doubles, in any order, as long as what that may be wrong by is
    /// less than half of their last digit; then the nearest decimal is the sum.
    private func knownSummary(
        start: Int64, _ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>
    ) -> Aggregate? {
        let count = rows.count
        guard count >= 4 else { return nil }
        func four(_ row: Int) -> SIMD4<Double> {
            SIMD4(values[row], values[row + 1], values[row + 2], values[row + 3])
        }
        var least = four(rows.lowerBound)
        var greatest = least
        var sums = SIMD4<Double>.zero
        var row = rows.lowerBound
        while row + 4 <= rows.upperBound {
            let next = four(row)
            sums += next
            least.replace(with: next, where: next .< least)
            greatest.replace(with: next, where: next .> greatest)
            row += 4
        }
        var sum = sums.sum()
        var lowest = least.min()
        var highest = greatest.max()
        while row < rows.upperBound {
            sum += values[row]
            lowest = min(lowest, values[row])
            highest = max(highest, values[row])
            row += 1
        }
        let power = DecimalScale.power(digits)
        let most = max(lowest.magnitude, highest.magnitude) * Double(count)
        guard most * Double(count) * power < 0x1p50 else { return nil }
        // Of decimals a zero is never negative, but what is added to nothing may be.
        let whole = (sum * power).rounded() + 0.0
        return Aggregate(
            start: Timestamp(milliseconds: start), count: count, min: lowest, max: highest, sum: whole / power,
            first: values[rows.lowerBound], last: values[rows.upperBound - 1])
    }
}
