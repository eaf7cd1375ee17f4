import Readings

/// An alert as its own rule's expression asks for it: whether it fires already.
struct OwnAlert: Sendable {
    let name: String
    /// Those labels of the rule that are the same for all of its alerts: they tell it from another rule's alert of the same name.
    var labels: [Label] = []

    private var matchers: String {
        ([LabelMatcher(AlertLabel.name, equals: name)] + labels.sorted().map { LabelMatcher($0.name, equals: $0.value) })
            .map(\.description).joined(separator: ", ")
    }

    /// The series that say that it is pending or fires.
    var active: String { "ALERTS{\(matchers)}" }
    /// The series that say that it fires.
    var firing: String { "ALERTS{\(matchers), \(OwnAlert.isFiring)}" }

    /// The series whose value is the second since which it is active.
    var activeSince: String { "\(AlertSeries.forState){\(matchers)}" }

    static let isFiring = LabelMatcher(AlertLabel.state, equals: "firing")

    /// Where it has become active and fired since `heard`, as Unix seconds: it goes on, whatever it began for. Also over a day in which
    /// nothing was evaluated.
    func goes(on identity: String, since heard: String) -> String {
        """
        (
            \(heard)
              < on \(identity) max by \(identity) (last_over_time(\(activeSince)[1d]))
              and on \(identity) max by \(identity) (ts_of_last_over_time(\(firing)[1d])) > on \(identity) \(heard)
          )
        """
    }
}
