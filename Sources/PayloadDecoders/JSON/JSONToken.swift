/// One value, or one key, of a JSON text. The tokens of a text stand in its order, so that a container is followed by
/// what it holds.
struct JSONToken: Sendable {
    enum Kind: UInt8, Sendable {
        case object, array, key, string, number, `true`, `false`, null
    }

    var kind: Kind
    /// Of a key or a string: whether it holds backslashes.
    var hasEscapes = false
    /// Of a key: whether a later member of the object has the same key, and counts in its place.
    var isSuperseded = false
    /// Of an object: what there is among its keys.
    var marks: KeyMarks = []
    /// Where the key, string or number begins in the text, without quotes.
    var start: UInt32
    /// A number's value, or `end` and `next`.
    private var rest: UInt64

    init(_ kind: Kind, start: Int, end: Int = 0, next: Int = 0) {
        self.kind = kind
        self.start = UInt32(truncatingIfNeeded: start)
        rest = UInt64(UInt32(truncatingIfNeeded: end)) | UInt64(UInt32(truncatingIfNeeded: next)) << 32
    }

    init(number: Double, start: Int) {
        kind = .number
        self.start = UInt32(truncatingIfNeeded: start)
        rest = number.bitPattern
    }

    /// Where a key or string ends. Of a container: how many members or elements it has.
    var end: Int {
        get { Int(rest & 0xFFFF_FFFF) }
        set { rest = rest & ~0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: newValue)) }
    }

    /// Of a container: the index of the token behind all that it holds. Of a key: its number in the table of keys.
    var next: Int {
        get { Int(rest >> 32) }
        set { rest = rest & 0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: newValue)) << 32 }
    }

    /// Of a number: its value; infinite if it is too large for a `Double`.
    var number: Double { Double(bitPattern: rest) }
}
