/// Plain elements in one piece of memory that grows: an array of which there is only ever one, so that appending asks for
/// nothing but room. What is done for every reading keeps its elements here.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 64) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }
    var memoryBytes: Int { capacity * MemoryLayout<Element>.stride }
    /// What memory grows by with the next element, for the moment in which both pieces are there.
    var growthBytes: Int { count < capacity ? 0 : nextCapacity(1) * MemoryLayout<Element>.stride }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    mutating func removeAll() { count = 0 }

    /// Takes back what was appended after `count` was `length`.
    mutating func truncate(to length: Int) { count = min(count, length) }

    private func nextCapacity(_ additional: Int) -> Int {
        // By half, once it is large: twice a million would be much for nothing.
        max(count + additional, capacity < 1 << 16 ? capacity * 2 : capacity * 3 / 2)
    }

    @inline(__always)
    mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        capacity = nextCapacity(additional)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        reserve(1)
        base[count] = element
        count += 1
    }

    @inline(__always)
    mutating func append(_ elements: UnsafeBufferPointer<Element>) {
        reserve(elements.count)
        // A loop: rows are short, and a call to copy each costs more.
        for index in elements.indices { base[count + index] = elements[index] }
        count += elements.count
    }
}
