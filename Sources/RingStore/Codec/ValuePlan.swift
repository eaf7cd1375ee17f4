/// How a value column is encoded.
struct ValuePlan: Equatable {
    /// What whole numbers its values become, if any.
    enum Mapping: Equatable {
        case decimal
        case lattice(Lattice)
        /// The table's values stand on this lattice.
        case dictionary(Lattice)
        case frontBits
        case xor
        case raw
    }

    var mapping: Mapping
    var predictor = Predictor.last
    var coder = IntegerStream.Coder.packed
    /// What the rows were rounded to that lie on straight lines, if these are left out: the others have all of the above.
    var lines: Lattice.Rounding?

    func suits(_ pace: Pace) -> Bool { pace.allowsEntropyCoding || coder == .packed && lines == nil }
}

/// What a group's last chunk was best encoded with: tried first for the next one. The caller keeps one for each group, or none.
struct ChunkHints: Sendable {
    var time: TimeHint?
    var columns: [ColumnHint?] = []

    init() {}
}

/// Of a value column.
struct ColumnHint: Sendable {
    let plan: ValuePlan
    let exponent: Int
    /// Encoded bytes a row: everything is tried again when the plan does a tenth worse.
    let bytesPerRow: Double
}

/// Of the time column.
struct TimeHint: Sendable {
    enum Plan: Equatable, Sendable {
        case phase(pull: Int64, IntegerStream.Coder)
        case phaseLanes(pull: Int64)
        case ticks(Int64)

        var isPacked: Bool { if case .phase(_, .packed) = self { true } else { false } }
    }

    let plan: Plan
    let bytesPerRow: Double
}

extension ValuePlan: Sendable {}
extension ValuePlan.Mapping: Sendable {}

/// What the encoder may spend on a chunk.
enum Effort: Sendable {
    /// Bit-packing only: for the head and for checkpoints.
    case fast
    /// Every codec that could be smaller: for segments.
    case dense
}

/// How many readings come: how often columns of this kind will be read, against the bytes that they take.
enum Pace: Sendable {
    /// More than one a second: only bit-packed.
    case fast
    case usual
    /// Less than one in two minutes: a year of them is read in a millisecond or two whatever the coder.
    case slow

    init(span: UInt64, rows: Int) {
        let gap = Double(span) / Double(max(rows - 1, 1))
        self = gap < 1000 ? .fast : gap < 120_000 ? .usual : .slow
    }

    var allowsEntropyCoding: Bool { self != .fast }

    /// Bit-packed columns are read three times as fast as rANS: it must save 15 % and 0.03 bytes a row, in slow series 3 %.
    func isWorthwhile(_ bytes: Int, insteadOf packed: Int, rows: Int) -> Bool {
        switch self {
        case .fast: false
        case .usual: Double(bytes) <= 0.85 * Double(packed) && Double(packed - bytes) >= 0.03 * Double(rows)
        case .slow: Double(bytes) <= 0.97 * Double(packed)
        }
    }
}

/// The smallest plan found for each coder, and the rule by which one of them is taken.
struct BestPlans {
    private var best: [(plan: ValuePlan, bytes: Int)?] = Array(
        repeating: nil, count: IntegerStream.Coder.allCases.count)

    mutating func offer(_ plan: ValuePlan, bytes: Int) {
        let index = Int(plan.coder.rawValue)
        if let known = best[index], known.bytes <= bytes { return }
        best[index] = (plan, bytes)
    }

    /// `packed` must have been offered at least once.
    func choose(rows: Int, _ pace: Pace) -> (plan: ValuePlan, bytes: Int)? {
        guard let packed = self[.packed] else { return nil }
        var choice = packed
        if let prefix = self[.prefix], pace.allowsEntropyCoding, prefix.bytes < packed.bytes { choice = prefix }
        if let rans = self[.rans], pace.isWorthwhile(rans.bytes, insteadOf: packed.bytes, rows: rows),
            choice.plan.coder == .packed || !PrefixCode.isWorthwhile(choice.bytes, insteadOf: rans.bytes)
        {
            choice = rans
        }
        return choice
    }

    private subscript(_ coder: IntegerStream.Coder) -> (plan: ValuePlan, bytes: Int)? { best[Int(coder.rawValue)] }
}
