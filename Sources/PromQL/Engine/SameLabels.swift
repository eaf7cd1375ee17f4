import Readings

/// Series that got the same labels are one, where they never meet.
enum SameLabels {
    static let collision = PromQLError(.execution, "vector cannot contain metrics with the same labelset")

    /// What tells series apart on their way: one whose name is to go is another than one that keeps it.
    struct Key: Hashable {
        let labels: Labels
        let dropsName: Bool
    }

    /// `series` with those of equal labels put together, in the order of the first of each.
    static func merged(_ series: [StepSeries]) throws(PromQLError) -> [StepSeries] {
        var out: [StepSeries] = []
        var places: [Key: Int] = [:]
        for next in series {
            let key = Key(labels: next.labels, dropsName: next.dropsName)
            guard let place = places[key] else {
                places[key] = out.count
                out.append(next)
                continue
            }
            try add(next.values, to: &out[place].values)
        }
        return out
    }

    private static func add(_ values: [Double], to others: inout [Double]) throws(PromQLError) {
        for index in values.indices where !StalenessMarker.isMarker(values[index]) {
            guard StalenessMarker.isMarker(others[index]) else { throw collision }
            others[index] = values[index]
        }
    }
}
