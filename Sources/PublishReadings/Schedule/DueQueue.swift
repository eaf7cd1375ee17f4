/// Which device is due next: a binary heap, so that thousands of devices with cadences of their own cost little.
struct DueQueue: Sendable {
    struct Turn: Sendable {
        /// Seconds after the start.
        var due: Double
        var device: Int

        static func < (left: Turn, right: Turn) -> Bool { (left.due, left.device) < (right.due, right.device) }
    }

    private var heap: [Turn] = []

    /// The earliest turn; nil if there is none.
    mutating func pop() -> Turn? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return first }
            let child = left + 1 < heap.count && heap[left + 1] < heap[left] ? left + 1 : left
            guard heap[child] < heap[parent] else { return first }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    mutating func push(_ turn: Turn) {
        heap.append(turn)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }
}
