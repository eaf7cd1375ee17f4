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

extension Labels {
    /// Only the labels of these names.
    func keeping(_ names: [String]) -> Labels {
        Labels(ascending: sorted.filter { names.contains($0.name) })
    }

    /// All but the labels of these names, and but `__name__` if it is to go too.
    func dropping(_ names: [String], andName: Bool) -> Labels {
        Labels(ascending: sorted.filter { !names.contains($0.name) && !(andName && $0.name == LabelName.metric) })
    }

    /// All but `__name__`.
    var withoutName: Labels { dropping([], andName: true) }

    /// Prometheus's order of series: label by label, by name and then value.
    func precedes(_ other: Labels) -> Bool { sorted.lexicographicallyPrecedes(other.sorted) }

    /// As Prometheus's messages write a set: `{__name__="x", room="kitchen"}`.
    var inMessages: String {
        "{" + sorted.map { "\($0.name)=\"\(Labels.escaped($0.value))\"" }.joined(separator: ", ") + "}"
    }
}
