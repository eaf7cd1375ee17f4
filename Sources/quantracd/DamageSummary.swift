import RingStore

/// What is damaged in the store, in a sentence for `status`.
struct DamageSummary {
    private let damage: [StoreDamage]

    /// Nil if nothing is.
    init?(_ damage: [StoreDamage]) {
        guard !damage.isEmpty else { return nil }
        self.damage = damage
    }

    private var isLoss: Bool { damage.contains(where: \.isLoss) }

    /// Whether readings are lost, or everything that was damaged could be mended.
    var code: String { isLoss ? "store_damaged" : "store_mended" }

    func text(directory: String) -> String {
        let counts = StoreDamage.Kind.allCases.compactMap { kind -> String? in
            let count = damage.reduce(0) { $0 + ($1.kind == kind ? $1.count : 0) }
            return count == 0 ? nil : "\(count) \(count == 1 ? kind.name : kind.plural)"
        }
        // What costs something says more than what does not.
        let example = damage.last(where: \.isLoss) ?? damage[damage.count - 1]
        let subject = example.series.first.map { "\($0): " } ?? ""
        return "\(counts.joined(separator: ", ")) damaged, such as: \(subject)\(example.what); "
            + "'quantrac store verify \(directory)' checks all of it"
    }
}

extension StoreDamage.Kind {
    fileprivate var name: String {
        switch self {
        case .superblock: "copy of the superblock"
        case .file: "file"
        case .logFrame: "log frame"
        case .cataloguePage: "catalogue page"
        case .labels: "series without labels"
        case .segment: "segment"
        case .segmentIndex: "segment index"
        case .chunk: "chunk"
        }
    }

    fileprivate var plural: String {
        switch self {
        case .superblock: "copies of the superblock"
        case .labels: name
        case .segmentIndex: "segment indices"
        default: name + "s"
        }
    }
}
