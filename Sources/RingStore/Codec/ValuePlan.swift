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
    let pull: Int
    let coder: IntegerStream.Coder
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

/// The smallest plan found for each coder, and the rule by which one of them is taken.
struct BestPlans {
    private var best: [(plan: ValuePlan, bytes: Int)?] = Array(
        repeating: nil, count: IntegerStream.Coder.allCases.count)

    mutating func offer(_ plan: ValuePlan, bytes: Int) {
        let index = Int(plan.coder.rawValue)
        if let known = best[index], known.bytes <= bytes { return }
        best[index] = (plan, bytes)
    }

    /// Bit-packed columns are read three times as fast: another coder must save 15 % and 0.03 bytes a row.
    static func isWorthwhile(_ bytes: Int, insteadOf packed: Int, rows: Int) -> Bool {
        Double(bytes) <= 0.85 * Double(packed) && Double(packed - bytes) >= 0.03 * Double(rows)
    }

    /// `packed` must have been offered at least once.
    func choose(rows: Int) -> (plan: ValuePlan, bytes: Int)? {
        guard let packed = best[0] else { return nil }
        var choice = packed
        for other in best.dropFirst() {
            guard let other, BestPlans.isWorthwhile(other.bytes, insteadOf: packed.bytes, rows: rows),
                other.bytes < choice.bytes
            else { continue }
            choice = other
        }
        return choice
    }
}
