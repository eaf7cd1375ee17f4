import Glibc

/// The zero-order entropy of a set's simple deltas, with one timestamp for all samples of a row: what a coder that knows
/// the frequencies of the deltas, and nothing else, needs in the limit.
///
/// The yardstick of the issue: what is below it has found more structure than that.
struct DeltaEntropy {
    private struct Column {
        var last: Double?
        var counts: [Int: Int] = [:]
    }

    private var times: [Int: Column] = [:]
    private var columns: [Int: Column] = [:]
    private var readings = 0

    mutating func add(time: Int64, _ series: [Int], _ values: [Double]) {
        guard let first = series.first else { return }
        DeltaEntropy.count(Double(time), in: &times[first, default: Column()], scale: 1)
        for (index, value) in zip(series, values) {
            DeltaEntropy.count(value, in: &columns[index, default: Column()], scale: 100)
        }
        readings += series.count
    }

    /// Bytes a reading.
    var bytesPerReading: Double {
        var bits = 0.0
        for column in times.values { bits += DeltaEntropy.bits(column) }
        for column in columns.values { bits += DeltaEntropy.bits(column) }
        return readings == 0 ? 0 : bits / 8 / Double(readings)
    }

    private static func count(_ value: Double, in column: inout Column, scale: Double) {
        if let last = column.last {
            column.counts[Int(((value - last) * scale).rounded()), default: 0] += 1
        }
        column.last = value
    }

    private static func bits(_ column: Column) -> Double {
        let total = Double(column.counts.values.reduce(0, +))
        return column.counts.values.reduce(0) { sum, count in sum - Double(count) * log2(Double(count) / total) }
    }
}
