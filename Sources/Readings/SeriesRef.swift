/// A series of one store, by number. Numbers are given in the order of registration, survive a restart, and are never
/// given again.
public struct SeriesRef: Hashable, Comparable, Sendable {
    public let index: UInt32

    public init(index: UInt32) {
        self.index = index
    }

    public static func < (a: SeriesRef, b: SeriesRef) -> Bool { a.index < b.index }
}
