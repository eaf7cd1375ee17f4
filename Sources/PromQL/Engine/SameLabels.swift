import Readings

/// Series that got the same labels are one, where they never meet.
enum SameLabels {
    static let collision = PromQLError(.execution, "vector cannot contain metrics with the same labelset")

    /// `series` with those of equal labels put together, in the order of the first of each.
    static func merged(_ series: [StepSeries]) throws(PromQLError) -> [StepSeries] {
        var out: [StepSeries] = []
        var places: [Labels: Int] = [:]
        for next in series {
            guard let place = places[next.labels] else {
                places[next.labels] = out.count
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
