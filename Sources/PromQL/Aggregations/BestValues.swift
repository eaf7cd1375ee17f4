/// The largest, or smallest, values of a step: a binary heap with the worst of them at its root, so that a better one takes its
/// place.
///
/// Which of equal values stays is as in Prometheus, whose heap is Go's `container/heap`.
struct BestValues {
    struct Entry {
        let value: Double
        /// Which series, in the order in which they came.
        let series: Int
    }

    private var heap: [Entry] = []
    private let isTop: Bool

    init(isTop: Bool) { self.isTop = isTop }

    /// Takes the value if it is among the best `limit`; whether there is one more of them now.
    mutating func add(_ value: Double, of series: Int, limit: Int) -> Bool {
        let entry = Entry(value: value, series: series)
        if heap.count < limit {
            heap.append(entry)
            siftUp(heap.count - 1)
            return true
        }
        guard let worst = heap.first?.value, isBetter(value, worst) || worst.isNaN && !value.isNaN else { return false }
        heap[0] = entry
        siftDown(0)
        return false
    }

    /// The best first; NaN last.
    var ranked: [Entry] {
        heap.sorted { isBetter($0.value, $1.value) || $1.value.isNaN && !$0.value.isNaN }
    }

    private func isBetter(_ a: Double, _ b: Double) -> Bool { isTop ? a > b : a < b }

    /// Whether `a` belongs nearer to the root.
    private func isWorse(_ a: Entry, _ b: Entry) -> Bool { a.value.isNaN || isBetter(b.value, a.value) }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard isWorse(heap[index], heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, isWorse(heap[child + 1], heap[child]) { child += 1 }
            guard isWorse(heap[child], heap[index]) else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
