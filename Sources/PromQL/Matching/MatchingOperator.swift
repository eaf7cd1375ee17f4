import Readings

/// Arithmetic and comparisons between two vectors: each series with the one of the other side that has the same labels.
///
/// The side that may have only one series for each signature is held in memory, and the results, which may come together
/// from several series; the other side streams through.
struct MatchingOperator: SeriesOperator {
    private let run: MatchingRun
    private var list: ListOperator

    init(
        operation: BinaryOperation, matching: VectorMatching, left: any SeriesOperator, right: any SeriesOperator,
        planner: Planner, span: Range<Int>
    ) {
        let run = MatchingRun(
            operation: operation, matching: matching, left: left, right: right, planner: planner, span: span)
        self.run = run
        list = ListOperator { () throws(PromQLError) in try run.series() }
    }

    mutating func next() throws(PromQLError) -> StepSeries? { try list.next() }
}

/// What a matching has found so far.
private final class MatchingRun {
    private let operation: BinaryOperation
    private let matching: VectorMatching
    private let planner: Planner
    private let span: Range<Int>
    /// With `group_right` the sides are swapped: the many side is always the first.
    private let isSwapped: Bool
    private var many: any SeriesOperator
    private var one: any SeriesOperator
    /// What stands for a missing series of either side.
    private let fillMany: Double?
    private let fillOne: Double?

    /// Of each of the one side's groups the steps at which a match was found.
    private var matched: [StepSet] = []
    /// The same for signatures that the one side does not have.
    private var matchedAlone: [Labels: StepSet] = [:]
    private var places: [SameLabels.Key: Int] = [:]
    private var results: [StepSeries] = []
    /// Of each result the steps at which it has a value, even if a comparison then filtered it away.
    private var inserted: [StepSet] = []

    init(
        operation: BinaryOperation, matching: VectorMatching, left: any SeriesOperator, right: any SeriesOperator,
        planner: Planner, span: Range<Int>
    ) {
        self.operation = operation
        self.matching = matching
        self.planner = planner
        self.span = span
        isSwapped = if case .oneToMany = matching.cardinality { true } else { false }
        many = isSwapped ? right : left
        one = isSwapped ? left : right
        // As in Prometheus, `fill_right` fills what the streaming side lacks, whichever side that is written on.
        fillMany = matching.fillLeft
        fillOne = matching.fillRight
    }

    func series() throws(PromQLError) -> [StepSeries] {
        let evaluation = planner.evaluation
        let oneSide = try OneSide(&one, matching, planner)
        try evaluation.hold(oneSide.groups.count * StepSet.cost(of: planner.grid.count))
        matched = Array(repeating: StepSet(count: planner.grid.count), count: oneSide.groups.count)
        if fillMany != nil || fillOne != nil, let conflict = oneSide.conflicts.min(by: { $0.key < $1.key }) {
            throw oneSide.error(conflict.value, isRight: !isSwapped)
        }
        while let series = try many.next() {
            try evaluation.countWork(series.values.count)
            let signature = matching.signature(of: series.labels)
            if let ordinal = oneSide.ordinals[signature] {
                var steps = matched[ordinal]
                try combine(series, with: oneSide.groups[ordinal], oneSide.conflicts, &steps, oneSide)
                matched[ordinal] = steps
            } else {
                let nothing = OneSide.Group(signature: signature)
                if fillOne != nil, matchedAlone[signature] == nil {
                    try evaluation.hold(StepSet.cost(of: planner.grid.count))
                }
                var steps = matchedAlone[signature] ?? StepSet(count: planner.grid.count)
                try combine(series, with: nothing, oneSide.conflicts, &steps, oneSide)
                if fillOne != nil { matchedAlone[signature] = steps }
            }
        }
        if let fillMany { try fill(oneSide, with: fillMany) }
        return results.filter(\.hasValues)
    }

    /// Combines a series of the many side with what it matches at each step.
    private func combine(
        _ series: StepSeries, with group: OneSide.Group, _ conflicts: [Int: OneSide.Conflict],
        _ matched: inout StepSet, _ oneSide: OneSide
    ) throws(PromQLError) {
        // Where the result goes, for each member and, last, for the filled value; found out once.
        var places: [Int?] = Array(repeating: nil, count: group.members.count + 1)
        for step in series.values.indices where !StalenessMarker.isMarker(series.values[step]) {
            if !conflicts.isEmpty, let conflict = conflicts[step] {
                throw oneSide.error(conflict, isRight: !isSwapped)
            }
            let owner = group.members.isEmpty ? nil : group.owner(at: step)
            guard let other = owner.map({ group.members[$0].values[step] }) ?? fillOne else { continue }
            let index = owner ?? group.members.count
            let labels = owner.map { group.members[$0].labels } ?? group.signature
            let place = if let known = places[index] { known } else { try self.place(of: series, labels) }
            places[index] = place
            try combine(series.values[step], other, at: step, into: place, &matched)
        }
    }

    /// Series of the one side that no series of the many side has matched.
    private func fill(_ oneSide: OneSide, with value: Double) throws(PromQLError) {
        for (ordinal, group) in oneSide.groups.enumerated() {
            let missing = StepSeries(labels: group.signature, values: [])
            let before = matched[ordinal]
            var steps = before
            for (index, member) in group.members.enumerated() {
                try planner.evaluation.countWork(planner.grid.count)
                var place: Int?
                for step in 0..<planner.grid.count where !before.contains(step) && group.owner(at: step) == index {
                    let known = if let place { place } else { try self.place(of: missing, member.labels) }
                    place = known
                    try combine(value, member.values[step], at: step, into: known, &steps)
                }
            }
        }
    }

    private func combine(
        _ mine: Double, _ other: Double, at step: Int, into place: Int, _ matched: inout StepSet
    ) throws(PromQLError) {
        let op = operation.operator
        let (left, right) = isSwapped ? (other, mine) : (mine, other)
        if op.isTrim {
            planner.evaluation.add(.incompatibleTypes(op, at: span))
            return
        }
        let isFirst = matched.insert(step)
        if matching.included == nil {
            guard isFirst else {
                throw PromQLError(
                    .execution,
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
            }
        } else {
            guard inserted[place].insert(step) else {
                throw PromQLError(
                    .execution, "multiple matches for labels: grouping labels must ensure unique matches")
            }
        }
        let value: Double
        if op.isComparison {
            let holds = op.holds(left, right)
            guard holds || operation.returnsBool else { return }
            value = operation.returnsBool ? (holds ? 1 : 0) : left
        } else {
            value = op.apply(left, right)
        }
        guard StalenessMarker.isMarker(results[place].values[step]) else { throw SameLabels.collision }
        results[place].values[step] = value
    }

    /// Which of the results a series and its match belong to.
    private func place(of series: StepSeries, _ match: Labels) throws(PromQLError) -> Int {
        let labels = matching.resultLabels(
            many: series.labels, one: match, dropsName: operation.operator.dropsName)
        let key = SameLabels.Key(labels: labels, dropsName: series.dropsName || operation.returnsBool)
        if let known = places[key] { return known }
        try planner.evaluation.hold(planner.grid.count + StepSet.cost(of: planner.grid.count))
        let place = results.count
        places[key] = place
        results.append(
            StepSeries(labels: labels, dropsName: key.dropsName, values: planner.constant(StepSeries.absent)))
        inserted.append(StepSet(count: planner.grid.count))
        return place
    }
}
