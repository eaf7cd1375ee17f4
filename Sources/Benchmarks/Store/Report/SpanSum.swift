extension Span<Double> {
    /// The sum of some of them, eight at a time: adding one after the other would wait for each addition.
    func sum(_ rows: Range<Int>) -> Double {
        extracting(rows).withUnsafeBufferPointer { values in
            let bytes = UnsafeRawBufferPointer(values)
            var sums = SIMD8<Double>.zero
            var row = 0
            while row + 8 <= values.count {
                sums += bytes.loadUnaligned(fromByteOffset: 8 * row, as: SIMD8<Double>.self)
                row += 8
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
