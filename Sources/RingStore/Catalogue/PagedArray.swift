/// An array in pages, of which a copy shares all that neither changes: a snapshot costs one reference, and the first change
/// after it one page, its list of pages and the list of these.
///
/// Sparse: where nothing but the default was ever put, there is no page.
struct PagedArray<Element: Sendable>: Sendable {
    private static var pageBits: Int { 6 }
    private static var pageSize: Int { 1 << pageBits }
    private static var nodeBits: Int { 7 }
    private static var nodeSize: Int { 1 << nodeBits }

    private typealias Page = [Element]
    private typealias Node = [Page]

    private var nodes: [Node] = []
    private let standard: Element
    private(set) var count = 0
    private var pages = 0

    /// An empty array whose elements are `standard` until they are set.
    init(default standard: Element) {
        self.standard = standard
    }

    var indices: Range<Int> { 0..<count }

    /// What pages and lists take.
    var memoryBytes: Int {
        pages * (32 + Self.pageSize * MemoryLayout<Element>.stride) + nodes.count * (32 + 8 * Self.nodeSize)
    }

    @inline(__always)
    private static func place(_ index: Int) -> (node: Int, page: Int, element: Int) {
        (index >> (pageBits + nodeBits), (index >> pageBits) & (nodeSize - 1), index & (pageSize - 1))
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            precondition(index < count)
            let place = Self.place(index)
            guard place.page < nodes[place.node].count else { return standard }
            return nodes[place.node][place.page].isEmpty ? standard : nodes[place.node][place.page][place.element]
        }
        _modify {
            precondition(index < count)
            let place = Self.place(index)
            if place.page >= nodes[place.node].count || nodes[place.node][place.page].isEmpty { addPage(place) }
            yield &nodes[place.node][place.page][place.element]
        }
    }

    @inline(never)
    private mutating func addPage(_ place: (node: Int, page: Int, element: Int)) {
        while nodes[place.node].count <= place.page { nodes[place.node].append([]) }
        nodes[place.node][place.page] = Array(repeating: standard, count: Self.pageSize)
        pages += 1
    }

    /// Makes sure that there are at least `count` elements; new ones are the default.
    mutating func extend(to count: Int) {
        guard count > self.count else { return }
        self.count = count
        let needed = Self.place(count - 1).node + 1
        while nodes.count < needed { nodes.append([]) }
    }

    mutating func append(_ element: Element) {
        extend(to: count + 1)
        self[count - 1] = element
    }

    /// Hands every element of the pages that there are to `body`, with its index, in order.
    func forEachElement<E: Error>(_ body: (Int, Element) throws(E) -> Void) throws(E) {
        for node in nodes.indices {
            for page in nodes[node].indices {
                let first = (node << Self.nodeBits | page) << Self.pageBits
                for (index, element) in nodes[node][page].enumerated() where first + index < count {
                    try body(first + index, element)
                }
            }
        }
    }
}
