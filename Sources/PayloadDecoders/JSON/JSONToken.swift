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
    /// Where the key, string or number begins in the text, without quotes.
    var start: UInt32
    /// Where it ends. Of a container: how many members or elements it has.
    var end: UInt32
    /// The index of the token behind the whole value. Of a key: a hash of its text.
    var next: UInt32
}
