/// That samples came late, of as many as nobody else is known to keep it: in the order in which they came.
public struct LateNotes: Sendable {
    /// The newest of them.
    public private(set) var samples: [LateSample] = []
    /// The number of the last one. They are counted from 1 on, anew when the store is opened.
    public private(set) var through: UInt64 = 0

    var memoryBytes: Int { samples.capacity * MemoryLayout<LateSample>.stride }

    /// Takes in what came later. Where there are too many the oldest go.
    mutating func add(_ later: [LateSample], most: Int) {
        samples += later
        through += UInt64(later.count)
        guard samples.count > most else { return }
        // More at once than is needed: else each one that comes would move all others.
        samples = firsts.suffix(most - most / 8)
    }

    /// The newest `count` of them.
    func newest(_ count: Int) -> ArraySlice<LateSample> {
        (samples.count > count ? firsts : samples).suffix(count)
    }

    /// Of each instant of a series the first: what was put aside first is what there was before.
    private var firsts: [LateSample] {
        var known: Set<LateSample.Place> = []
        return samples.filter { known.insert($0.place).inserted }
    }

    /// Forgets those up to the number `kept`, or some less.
    mutating func forget(through kept: UInt64) {
        let forgotten = through - UInt64(samples.count)
        guard kept > forgotten else { return }
        samples = Array(samples.dropFirst(Int(clamping: kept - forgotten)))
    }
}
