/// An array in pages, of which a copy shares all pages that neither changes: a snapshot costs one reference, and the
/// first change after it one page and the list of pages.
struct PagedArray<Element: Sendable>: Sendable {
    private static var pageBits: Int { 6 }
    private static var pageSize: Int { 1 << pageBits }

    private var pages: [[Element]] = []
    private(set) var count = 0

    init() {}

    var indices: Range<Int> { 0..<count }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { pages[index >> Self.pageBits][index & (Self.pageSize - 1)] }
        _modify { yield &pages[index >> Self.pageBits][index & (Self.pageSize - 1)] }
    }

    mutating func append(_ element: Element) {
        if count & (Self.pageSize - 1) == 0 {
            var page: [Element] = []
            page.reserveCapacity(Self.pageSize)
            pages.append(page)
        }
        pages[pages.count - 1].append(element)
        count += 1
    }
}
