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
    mutating func take(
        _ times: UnsafeBufferPointer<Int64>, _ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>
    ) {
        digits = 0
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
            // From 0: a number too large for the digits of the last one may be one of fewer.
            guard let needed = DecimalScale.exponent(of: values[row]), needed > digits || row == rows.lowerBound,
                needed != digits
            else { return nil }
            digits = needed
        }
    }
}
