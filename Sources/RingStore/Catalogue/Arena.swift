/// Runs of elements that are never moved or changed once they are there: labels, columns, texts.
///
/// A value: a copy shares the pages. `@unchecked Sendable` holds for a page because only the newest copy, the writer's, ever
/// appends, behind everything that any other copy knows of; nobody reads what is being written.
struct Arena<Element: BitwiseCopyable & Sendable>: Sendable {
    private final class Page: @unchecked Sendable {
        let base: UnsafeMutablePointer<Element>

        init() { base = .allocate(capacity: Arena.pageSize) }
        deinit { base.deallocate() }
    }

    static var pageBytes: Int { 16 << 10 }
    /// A power of two.
    private static var pageBits: Int { (pageBytes / MemoryLayout<Element>.stride).trailingZeroBitCount }
    private static var pageSize: Int { 1 << pageBits }

    private var pages: [Page] = []
    /// Of the last page.
    private var used = 0

    init() {}

    var memoryBytes: Int { pages.count * (Arena.pageBytes + 64) }

    /// Whether a run of `count` elements can be appended: it fits into a page, and its position into 32 bits.
    func hasRoom(for count: Int) -> Bool {
        count <= Self.pageSize && pages.count < (1 << (32 - Self.pageBits)) - 1
    }

    /// Appends a run for which there is room. Returns where it stands.
    mutating func append(_ run: UnsafeBufferPointer<Element>) -> UInt32 {
        precondition(hasRoom(for: run.count))
        if pages.isEmpty || used + run.count > Self.pageSize {
            pages.append(Page())
            used = 0
        }
        let position = UInt32((pages.count - 1) << Self.pageBits | used)
        if let start = run.baseAddress { (pages[pages.count - 1].base + used).update(from: start, count: run.count) }
        used += run.count
        return position
    }

    /// The `count` elements from `position` on.
    @inline(__always)
    func withRun<R>(_ position: UInt32, _ count: Int, _ body: (UnsafeBufferPointer<Element>) -> R) -> R {
        guard count > 0 else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
        let offset = Int(position) & (Self.pageSize - 1)
        precondition(count <= Self.pageSize - offset)
        let page = pages[Int(position) >> Self.pageBits]
        return withExtendedLifetime(page) { body(UnsafeBufferPointer(start: page.base + offset, count: count)) }
    }
}
