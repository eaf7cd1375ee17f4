import Readings

/// The labels that matching compares, and those that a result has.
extension VectorMatching {
    /// The labels that must agree for two series to match.
    func signature(of labels: Labels) -> Labels {
        isOn ? labels.keeping(self.labels) : labels.dropping(self.labels, andName: true)
    }

    /// Which labels of the one side a result takes over; nil in a one-to-one matching.
    var included: [String]? {
        switch cardinality {
        case .oneToOne: nil
        case .manyToOne(let include), .oneToMany(let include): include
        }
    }

    /// The labels of what `many` and its match `one` come to.
    func resultLabels(many: Labels, one: Labels, dropsName: Bool) -> Labels {
        let base = dropsName ? many.withoutName : many
        guard let included else {
            return isOn ? base.keeping(labels) : base.dropping(labels, andName: false)
        }
        guard !included.isEmpty else { return base }
        return Labels(base.sorted + included.map { Label($0, one[$0] ?? "") })
    }
}
