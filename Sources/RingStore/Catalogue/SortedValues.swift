import Readings

/// The values of labels in order, for whoever matches many expressions against them: those that begin with the same text are
/// found without looking at all. Values are only ever added, so that an order is right for as many as it has.
struct SortedValues: Sendable {
    private struct Order {
        var pairs: [UInt32] = []
        /// How often all values were looked at since they were sorted.
        var walks = 0
    }

    private var orders: [UInt32: Order] = [:]

    /// Sorting is worth it once all values were looked at so often.
    private static let mostWalks = 16

    /// The pairs of the name with this number whose values may begin with `prefix`; nil if all are to be looked at.
    mutating func pairs(of name: UInt32, beginningWith prefix: [UInt8], in labelPairs: LabelPairs) -> ArraySlice<
        UInt32
    >? {
        guard !prefix.isEmpty else { return nil }
        let count = labelPairs.names[Int(name)].pairCount
        if orders[name]?.pairs.count != count {
            orders[name, default: Order()].walks += 1
            guard orders[name]?.walks ?? 0 > SortedValues.mostWalks else { return nil }
            orders[name] = Order(pairs: SortedValues.sorted(name, labelPairs))
        }
        guard let sorted = orders[name]?.pairs else { return nil }
        let first = sorted.firstPlace { SortedValues.order($0, prefix, labelPairs) >= 0 }
        let end = sorted.firstPlace { SortedValues.order($0, prefix, labelPairs) > 0 }
        return sorted[first..<max(first, end)]
    }

    private static func sorted(_ name: UInt32, _ labelPairs: LabelPairs) -> [UInt32] {
        var pairs: [UInt32] = []
        labelPairs.forEachPair(of: name) { pairs.append($0) }
        return pairs.sorted { labelPairs.order($0, $1) < 0 }
    }

    /// Of the value's first bytes, as many as `prefix` has.
    private static func order(_ pair: UInt32, _ prefix: [UInt8], _ labelPairs: LabelPairs) -> Int {
        labelPairs.withValue(of: pair) { value in
            for (index, byte) in prefix.enumerated() {
                guard index < value.count else { return -1 }
                if value[index] != byte { return Int(value[index]) - Int(byte) }
            }
            return 0
        }
    }
}

extension [UInt32] {
    /// The first place from which on `isBehind` holds, which holds for all behind one for which it does.
    fileprivate func firstPlace(where isBehind: (UInt32) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
