import Readings

extension Labels {
    /// Only the labels of these names.
    func keeping(_ names: [String]) -> Labels {
        filter { names.contains($0.name) }
    }

    /// All but the labels of these names, and but `__name__` if it is to go too.
    func dropping(_ names: [String], andName: Bool) -> Labels {
        filter { !names.contains($0.name) && !(andName && $0.name == LabelName.metric) }
    }

    /// All but `__name__`.
    var withoutName: Labels { dropping([], andName: true) }

    /// As Prometheus's messages write a set: `{__name__="x", room="kitchen"}`.
    var inMessages: String {
        "{" + sorted.map { "\(LabelName.written($0.name))=\"\(Labels.escaped($0.value))\"" }.joined(separator: ", ")
            + "}"
    }
}
