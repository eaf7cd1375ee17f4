import Readings

/// The side of a matching whose series must be the only ones of their signature at each step.
struct OneSide {
    struct Member {
        let labels: Labels
        let values: [Double]
    }

    /// All series of one signature. Where several have a value at the same step, the last one counts, until it is found out.
    struct Group {
        let signature: Labels
        var members: [Member] = []
        /// Which member has the value of each step; nil while there is only one member.
        var owners: [Int32]?

        /// Which member has a value at `step`.
        func owner(at step: Int) -> Int? {
            let index = if let owners { Int(owners[step]) } else { 0 }
            guard index >= 0, !StalenessMarker.isMarker(members[index].values[step]) else { return nil }
            return index
        }
    }

    /// Two series of one signature with values at the same step, which is an error if the other side has any there.
    struct Conflict {
        let signature: Labels
        let first: Labels
        let second: Labels
    }

    /// In the order in which the signatures came.
    private(set) var groups: [Group] = []
    private(set) var ordinals: [Labels: Int] = [:]
    private(set) var conflicts: [Int: Conflict] = [:]

    /// Reads and holds all of `input`.
    init(_ input: inout any SeriesOperator, _ matching: VectorMatching, _ planner: Planner) throws(PromQLError) {
        while let series = try input.next() {
            try planner.evaluation.hold(series.values.count)
            let signature = matching.signature(of: series.labels)
            let member = Member(labels: series.labels, values: series.values)
            if let ordinal = ordinals[signature] {
                add(member, to: ordinal)
            } else {
                ordinals[signature] = groups.count
                groups.append(Group(signature: signature, members: [member]))
            }
        }
    }

    private mutating func add(_ member: Member, to ordinal: Int) {
        var group = groups[ordinal]
        let first = group.members[0]
        var owners =
            group.owners ?? first.values.map { StalenessMarker.isMarker($0) ? -1 : 0 }
        let index = Int32(group.members.count)
        for step in member.values.indices where !StalenessMarker.isMarker(member.values[step]) {
            if owners[step] >= 0, conflicts[step] == nil {
                conflicts[step] = Conflict(
                    signature: group.signature, first: group.members[Int(owners[step])].labels, second: member.labels)
            }
            owners[step] = index
        }
        group.owners = owners
        group.members.append(member)
        groups[ordinal] = group
    }

    func error(_ conflict: Conflict, isRight: Bool) -> PromQLError {
        let texts = [conflict.first.inMessages, conflict.second.inMessages].sorted()
        return PromQLError(
            .execution,
            "found duplicate series for the match group \(conflict.signature.inMessages) on the "
                + "\(isRight ? "right" : "left") hand-side of the operation: [\(texts[0]), \(texts[1])]"
                + ";many-to-many matching not allowed: matching labels must be unique on one side")
    }
}
