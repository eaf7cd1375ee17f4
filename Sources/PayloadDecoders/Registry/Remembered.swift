/// How much of one kind is remembered of a household's messages, and how much may be: for tests that hold one against the other.
package struct Remembered: Sendable, CustomStringConvertible {
    package let what: String
    package let count: Int
    package let limit: Int

    init(_ what: String, _ count: Int, of limit: Int) {
        self.what = what
        self.count = count
        self.limit = limit
    }

    package var description: String { "\(count) \(what) remembered; the limit is \(limit)" }
}
