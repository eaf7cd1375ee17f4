extension Span<Double> {
    /// The sum of some of them, four at a time: adding one after the other would wait for each addition.
    func sum(_ rows: Range<Int>) -> Double {
        extracting(rows).withUnsafeBufferPointer { values in
            var sums = SIMD4<Double>.zero
            var row = 0
            while row + 4 <= values.count {
                sums += SIMD4(values[row], values[row + 1], values[row + 2], values[row + 3])
                row += 4
            }
            var sum = sums.sum()
            while row < values.count {
                sum += values[row]
                row += 1
            }
            return sum
        }
    }
}
