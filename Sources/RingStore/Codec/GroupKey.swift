/// Which rows share a chunk. In the log and in segment indices this number stands for the columns of a row.
struct GroupKey: Hashable, Comparable, Sendable {
    enum Kind {
        /// Rows with the same several series, as one kind of message of one device brings them; numbered in the catalogue.
        case shape
        /// Rows of one series that came without others.
        case single
        /// Samples of one series that came late: each overrides, or stands between, those of the other kinds.
        case late
        /// Rows like those of a shape that came late, as a whole, at an instant at which none of their series had a sample.
        /// In the log and in memory only: a segment has them among the others of their shape, or as late samples.
        case lateRows
    }

    /// Series and shapes are numbered below this.
    static let mostNumbers: UInt32 = 1 << 30

    let raw: UInt32

    init(raw: UInt32) { self.raw = raw }

    static func shape(_ number: UInt32) -> GroupKey { GroupKey(raw: number << 2) }
    static func single(_ series: UInt32) -> GroupKey { GroupKey(raw: series << 2 | 1) }
    static func late(_ series: UInt32) -> GroupKey { GroupKey(raw: series << 2 | 2) }

    static func lateRows(_ shape: UInt32) -> GroupKey { GroupKey(raw: shape << 2 | 3) }

    var kind: Kind {
        switch raw & 3 {
        case 0: .shape
        case 1: .single
        case 2: .late
        default: .lateRows
        }
    }
    /// Whether its rows lie in no order of time until they are encoded.
    var isLate: Bool { raw & 2 != 0 }
    /// The number of the shape, or of the series.
    var number: UInt32 { raw >> 2 }

    static func < (a: GroupKey, b: GroupKey) -> Bool { a.raw < b.raw }
}
