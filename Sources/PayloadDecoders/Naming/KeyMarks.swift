/// What a key is, in a word that the scanner can gather for a whole object.
struct KeyMarks: OptionSet, Sendable {
    let rawValue: UInt8

    /// A key that tells a time.
    static let time = KeyMarks(rawValue: 1)
    /// One of `KnownKey`.
    static let known = KeyMarks(rawValue: 2)
}
