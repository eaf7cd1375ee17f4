/// Picks values by their rank without sorting all of them.
enum Selection {
    /// The median of `values`, which has at least one and no NaN. Changes their order.
    static func median(_ values: inout [Double]) -> Double {
        let middle = values.count / 2
        var span = values.mutableSpan
        select(&span, middle)
        guard values.count % 2 == 0 else { return values[middle] }
        let below = values[..<middle].max() ?? values[middle]
        // Halves first: the sum of two huge values is none.
        return below / 2 + values[middle] / 2
    }

    /// Puts the value of rank `rank` in its place, with none greater before it (Hoare's selection, 1961).
    private static func select(_ values: inout MutableSpan<Double>, _ rank: Int) {
        var (low, high) = (0, values.count - 1)
        while low < high {
            let pivot = values[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                if left <= right {
                    values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if rank <= right { high = right } else if rank >= left { low = left } else { return }
        }
    }

    /// Keeps the few greatest of many values.
    struct Greatest {
        /// Descending.
        private var values: [Double] = []
        private let limit: Int

        init(_ limit: Int) { self.limit = limit }

        mutating func add(_ value: Double) {
            if values.count == limit {
                guard value > least else { return }
                values.removeLast()
            }
            values.insert(value, at: values.firstIndex { $0 < value } ?? values.count)
        }

        /// The least of those that are kept; 0 if there are none.
        var least: Double { values.last ?? 0 }
    }
}
