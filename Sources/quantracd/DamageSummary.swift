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

    func words(directory: String) -> ProblemWords {
        let counts = StoreDamage.Kind.allCases.compactMap { kind -> ProblemWords? in
            let count = damage.reduce(0) { $0 + ($1.kind == kind ? $1.count : 0) }
            return count == 0
                ? nil
                : ProblemWords("\(count) \(count == 1 ? kind.name : kind.plural)", "\(count) \(kind.vietnamese)")
        }
        // What costs something says more than what does not.
        let example = damage.last(where: \.isLoss) ?? damage[damage.count - 1]
        let subject = example.series.first.map { "\($0): " } ?? ""
        let all = (counts.map(\.english).joined(separator: ", "), counts.map(\.vietnamese).joined(separator: ", "))
        return ProblemWords(
            "\(all.0) damaged, such as: \(subject)\(example.what); "
                + "'quantrac store verify \(directory)' checks all of it",
            "\(all.1) bị hỏng, chẳng hạn: \(subject)\(example.what); "
                + "'quantrac store verify \(directory)' kiểm tra toàn bộ")
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

    fileprivate var vietnamese: String {
        switch self {
        case .superblock: "bản của siêu khối"
        case .file: "tệp"
        case .logFrame: "khung nhật ký"
        case .cataloguePage: "trang danh mục"
        case .labels: "chuỗi mất nhãn"
        case .segment: "phân đoạn"
        case .segmentIndex: "chỉ mục phân đoạn"
        case .chunk: "khối"
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
