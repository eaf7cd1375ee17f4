import TestSupport

extension SeededGenerator {
    /// From 0 to `bound` - 1, not quite evenly; 0 if there is nothing to choose.
    mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(next() % UInt64(bound))
    }

    mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Mostly few, seldom many, at most `most`: each further one half as likely up to that, and one time in sixty as many as
    /// there can be.
    mutating func few(upTo most: Int) -> Int {
        if isOne(in: 60) { return below(most + 1) }
        return min(most, next().trailingZeroBitCount)
    }
}
