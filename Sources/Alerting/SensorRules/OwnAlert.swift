import Readings

/// An alert as its own rule's expression asks for it: whether it fires already.
struct OwnAlert: Sendable {
    let name: String
    /// Those labels of the rule that are the same for all of its alerts: they tell it from another rule's alert of the same name.
    var labels: [Label] = []

    /// The series that say that it fires.
    var firing: String {
        let own = labels.sorted().map { "\(LabelMatcher($0.name, equals: $0.value)), " }.joined()
        return "ALERTS{\(LabelMatcher(AlertLabel.name, equals: name)), \(own)\(OwnAlert.isFiring)}"
    }

    static let isFiring = LabelMatcher(AlertLabel.state, equals: "firing")
}
