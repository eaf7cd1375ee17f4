/// Which rows share a chunk. In the log and in segment indices this number stands for the columns of a row.
struct GroupKey: Hashable, Comparable, Sendable {
    enum Kind: UInt32 {
        /// Rows with the same several series, as one kind of message of one device brings them; numbered in the catalogue.
        case shape = 0
        /// Rows of one series that came without others.
        case single = 1
        /// Samples of one series that came late: each overrides, or stands between, those of the other kinds.
        case late = 2
    }

    /// Series and shapes are numbered below this.
    static let mostNumbers: UInt32 = 1 << 30

    let raw: UInt32

    init(raw: UInt32) { self.raw = raw }

    static func shape(_ number: UInt32) -> GroupKey { GroupKey(raw: number << 2) }
    static func single(_ series: UInt32) -> GroupKey { GroupKey(raw: series << 2 | 1) }
    static func late(_ series: UInt32) -> GroupKey { GroupKey(raw: series << 2 | 2) }

    var kind: Kind? { Kind(rawValue: raw & 3) }
    /// The number of the shape, or of the series.
    var number: UInt32 { raw >> 2 }

    static func < (a: GroupKey, b: GroupKey) -> Bool { a.raw < b.raw }
}
