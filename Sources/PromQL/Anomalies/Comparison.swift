/// One figure of a series' hours against what is usual for it.
struct Comparison {
    /// Which way from the centre is odd.
    enum Side {
        case above, below, either

        func distance(_ difference: Double) -> Double {
            switch self {
            case .above: difference
            case .below: -difference
            case .either: difference.magnitude
            }
        }
    }

    private(set) var centre: Double
    /// How far from the centre a figure usually comes, on that side.
    let reach: Double
    let side: Side
    /// How far the last whole hour was from its centre, and the farthest of the day before the one that is compared.
    let last: Double
    let before: Double

    func moved(by distance: Double) -> Comparison {
        var moved = self
        moved.centre += distance
        return moved
    }

    /// How often the reach goes into the distance of `figure` from the centre: 1 at the edge of what is usual, 100 at the most.
    func score(_ figure: Double) -> Double { score(distance: side.distance(figure - centre)) }

    func score(distance: Double) -> Double {
        guard distance > 0 else { return 0 }
        let score = distance / reach
        return score.isNaN ? 0 : min(100, score)
    }
}
