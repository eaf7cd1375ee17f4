/// One line of the table: a figure, its goal, and what the same machine or a peer did in the same run.
struct BenchmarkRow {
    enum Goal {
        case atMost(Double)
        case atLeast(Double)

        func isMet(by value: Double) -> Bool {
            switch self {
            case .atMost(let bound): value <= bound
            case .atLeast(let bound): value >= bound
            }
        }

        var bound: Double {
            switch self {
            case .atMost(let bound), .atLeast(let bound): bound
            }
        }
    }

    /// A baseline or a peer, with its figure in the row's unit.
    struct Companion {
        var name: String
        var value: Double
    }

    /// What was measured, in a user's words.
    var what: String
    /// Of `reached`, `goal` and `beside`.
    var unit: String
    /// Nil if it could not be measured; `note` then says why.
    var reached: Double?
    var goal: Goal?
    var beside: Companion?
    /// How it was measured, and what else was seen.
    var note: String?

    init(
        _ what: String, _ reached: Double?, _ unit: String, goal: Goal? = nil, beside: Companion? = nil,
        note: String? = nil
    ) {
        self.what = what
        self.unit = unit
        self.reached = reached
        self.goal = goal
        self.beside = beside
        self.note = note
    }

    /// `reached` divided by what stands beside it.
    var ratio: Double? {
        guard let reached, let beside, beside.value != 0 else { return nil }
        return reached / beside.value
    }

    var isMet: Bool? {
        guard let reached, let goal else { return nil }
        return goal.isMet(by: reached)
    }
}
