import Readings

/// Which pairs of one name a matcher admits; what costs something is found out once a pair.
private struct Condition {
    let matcher: LabelMatcher
    /// Nil if no series has such a label.
    let name: UInt32?
    /// Whether a series without the label meets it.
    let admitsAbsence: Bool
    private let isCheap: Bool
    private var known: [UInt32: Bool] = [:]

    init(_ matcher: LabelMatcher, _ pairs: LabelPairs) {
        self.matcher = matcher
        name = pairs.find(name: matcher.name)
        admitsAbsence = matcher.matches("")
        isCheap = matcher.isCheap
    }

    mutating func admits(_ pair: UInt32?, _ pairs: LabelPairs) -> Bool {
        guard let pair else { return admitsAbsence }
        if isCheap { return pairs.withValue(of: pair) { matcher.matches($0) } }
        if let admitted = known[pair] { return admitted }
        let admitted = pairs.withValue(of: pair) { matcher.matches($0) }
        known[pair] = admitted
        return admitted
    }
}

extension Catalogue {
    /// The series that meet every one of `matchers`, sorted by their labels.
    func series(matching matchers: [LabelMatcher]) -> [UInt32] {
        var values = SortedValues()
        return series(matching: matchers, from: 0, &values)
    }

    /// The series from the number `first` on that meet every one of `matchers`, sorted by their labels.
    ///
    /// Time grows with the number of series that the narrowest matcher admits, and, where no matcher names a value, with
    /// the distinct values of the labels that are matched; or, if that is less, with the series behind `first`.
    ///
    /// - Parameter values: kept by whoever asks often.
    func series(matching matchers: [LabelMatcher], from first: Int, _ values: inout SortedValues) -> [UInt32] {
        // What costs little may spare what costs much.
        var conditions = (matchers.filter(\.isCheap) + matchers.filter { !$0.isCheap }).map {
            Condition($0, labelPairs)
        }
        // Few new ones are looked at one by one; where there are many, values tell sooner.
        let new = series.count - first
        let areFew = first > 0 && new < labelPairs.pairs.count && !isNarrow(matchers, below: new)
        guard let candidates = areFew ? .all : candidates(&conditions, &values) else { return [] }
        var found: [UInt32] = []
        func take(_ number: UInt32) {
            for index in conditions.indices {
                let pair = conditions[index].name.flatMap { self.pair(of: number, name: $0) }
                guard conditions[index].admits(pair, labelPairs) else { return }
            }
            found.append(number)
        }
        switch candidates {
        case .all: for number in max(0, first)..<series.count where series[number].isKnown { take(UInt32(number)) }
        case .having(let pairs):
            for pair in pairs { forEachSeries(with: pair) { if $0 >= first { take($0) } } }
        }
        return sortedByLabels(found)
    }

    /// Whether one of `matchers` names a value that fewer than `count` series have: no others are looked at then.
    func isNarrow(_ matchers: [LabelMatcher], below count: Int) -> Bool {
        matchers.contains { matcher in
            guard matcher.operator == .equal, !matcher.value.isEmpty else { return false }
            guard let name = labelPairs.find(name: matcher.name), let pair = labelPairs.find(name, matcher.value) else {
                return true
            }
            return labelPairs.pairs[Int(pair)].seriesCount < count
        }
    }

    private enum Candidates {
        case all
        /// The series that have one of these pairs, which are of one name: no series has two of them.
        case having([UInt32])
    }

    /// The series among which all that are looked for are; nil if there is none.
    private func candidates(_ conditions: inout [Condition], _ values: inout SortedValues) -> Candidates? {
        var best: (pairs: [UInt32], count: Int)?
        for condition in conditions where !condition.admitsAbsence {
            guard let name = condition.name else { return nil }
            guard condition.matcher.operator == .equal else { continue }
            guard let pair = labelPairs.find(name, condition.matcher.value) else { return nil }
            let count = Int(labelPairs.pairs[Int(pair)].seriesCount)
            if count < best?.count ?? .max { best = ([pair], count) }
        }
        // Names with few values first: they may spare looking at the many values of another.
        let others = conditions.indices.filter { index in
            !conditions[index].admitsAbsence && conditions[index].matcher.operator != .equal
        }.sorted { valueCount(conditions[$0]) < valueCount(conditions[$1]) }
        for index in others {
            // Asking of each candidate is cheaper than looking at all values where there are fewer candidates.
            guard let name = conditions[index].name, valueCount(conditions[index]) < best?.count ?? .max else {
                continue
            }
            let matcher = conditions[index].matcher
            var admitted: (pairs: [UInt32], count: Int) = ([], 0)
            func take(_ pair: UInt32) {
                guard labelPairs.withValue(of: pair, { matcher.matches($0) }) else { return }
                admitted.pairs.append(pair)
                admitted.count += Int(labelPairs.pairs[Int(pair)].seriesCount)
            }
            if let few = values.pairs(of: name, beginningWith: matcher.literalPrefix, in: labelPairs) {
                for pair in few { take(pair) }
            } else {
                labelPairs.forEachPair(of: name, take)
            }
            if admitted.count < best?.count ?? .max { best = admitted }
        }
        return best.map { .having($0.pairs) } ?? .all
    }

    private func valueCount(_ condition: Condition) -> Int {
        condition.name.map { labelPairs.names[Int($0)].pairCount } ?? 0
    }

    /// By the labels, as lists of name and value.
    ///
    /// The distinct pairs among them are sorted first, so that texts are compared once a pair and not once a series.
    func sortedByLabels(_ numbers: [UInt32]) -> [UInt32] {
        guard numbers.count > 1 else { return numbers }
        var runs: [(number: UInt32, first: Int, count: Int)] = []
        var labels: [UInt32] = []
        runs.reserveCapacity(numbers.count)
        for number in numbers {
            let first = labels.count
            labels += pairs(of: number)
            runs.append((number, first, labels.count - first))
        }
        var ranks: [UInt32: UInt32] = [:]
        for (rank, pair) in Set(labels).sorted(by: { labelPairs.order($0, $1) < 0 }).enumerated() {
            ranks[pair] = UInt32(rank)
        }
        for index in labels.indices { labels[index] = ranks[labels[index]] ?? 0 }
        runs.sort { a, b in
            for index in 0..<min(a.count, b.count) where labels[a.first + index] != labels[b.first + index] {
                return labels[a.first + index] < labels[b.first + index]
            }
            return (a.count, a.number) < (b.count, b.number)
        }
        return runs.map(\.number)
    }
}
