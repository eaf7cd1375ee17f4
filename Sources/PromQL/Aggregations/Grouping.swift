import Readings

/// `by (…)` or `without (…)`: which labels tell the groups of an aggregation apart.
enum Grouping: Sendable {
    case by([String])
    case without([String])

    /// The labels of the group that a series with these labels belongs to.
    func labels(of labels: Labels) -> Labels {
        switch self {
        case .by(let names): names.isEmpty ? [:] : labels.keeping(names)
        case .without(let names): labels.dropping(names, andName: true)
        }
    }
}
