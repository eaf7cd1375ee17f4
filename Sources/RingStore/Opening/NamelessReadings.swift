import Readings

/// What the ring holds of series and shapes whose records in the catalogue are lost.
///
/// Nothing can name such readings any more. As long as they are there their numbers must not be given again: a new series
/// would come into the readings of another, perhaps of another household.
struct NamelessReadings {
    private(set) var chunks = 0
    private var firstTime = Int64.max
    private var lastTime = Int64.min

    /// Goes through the indices of all segments, and makes `state` take every number in them for given.
    ///
    /// - Parameter numbersAreKnown: whether a checkpoint tells how many numbers were given. If it does, and the catalogue
    ///   has a record of each, there is nothing to look for.
    init(in state: inout StoreState, numbersAreKnown: Bool, pool: SegmentPool) {
        guard !numbersAreKnown || !state.catalogue.isWhole else { return }
        for entry in state.allSegments {
            for chunk in pool.index(of: entry)?.entries ?? [] {
                state.catalogue.take(numberOf: chunk.key)
                let columns = state.catalogue.columns(of: chunk.key)
                guard columns?.allSatisfy({ state.catalogue.isKnown($0) }) != true else { continue }
                chunks += 1
                firstTime = min(firstTime, chunk.firstTime)
                lastTime = max(lastTime, chunk.lastTime)
            }
        }
    }

    /// Nil if there are none.
    var range: ClosedRange<Timestamp>? {
        firstTime <= lastTime ? Timestamp(milliseconds: firstTime)...Timestamp(milliseconds: lastTime) : nil
    }
    var words: String { range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "" }
}

extension Catalogue {
    /// Whether there is a record of each number that was given.
    fileprivate var isWhole: Bool { lostSeries == 0 && lostShapes == 0 }

    /// How many series were registered of which nothing is known any more.
    var lostSeries: Int { series.indices.count { !series[$0].isKnown } }
    private var lostShapes: Int { shapes.indices.count { columnCount(of: .shape(UInt32($0))) == nil } }

    fileprivate mutating func take(numberOf key: GroupKey) {
        switch key.kind {
        case .shape, .lateRows: extend(series: 0, shapes: Int(key.number) + 1)
        case .single, .late: extend(series: Int(key.number) + 1, shapes: 0)
        }
    }
}
