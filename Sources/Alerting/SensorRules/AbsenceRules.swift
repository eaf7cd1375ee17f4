import Readings

/// The rule that tells when nobody is at home: what only people set off says nothing then.
///
/// Nobody is at home if more than half of a household's devices that speak when people do something, two at least, have said nothing
/// for two thirds of the shortest of their limits. One that speaks by itself after all, as the sun does, does not hide that.
enum AbsenceRules {
    /// The households where it is so.
    static let away = "people:away"

    /// - Parameter alert: of whom it tells already, that one's silence says nothing of the people.
    static func rule(beside alert: OwnAlert) -> PlainRule {
        let ofPeople = "(\(CadenceRules.limitOfPeople) unless on \(SensorSelection.identity) \(alert.firing))"
        return PlainRule(
            kind: .record, name: away,
            expression: """
                count by (household) (\(ofPeople)) >= 2
                  unless
                count by (household) (
                  \(SilenceRules.heardBeside(ofPeople))
                    > on (household) group_left () (time() - min by (household) (\(ofPeople)) * 2 / 3)
                )
                  >= 0.5 * count by (household) (\(ofPeople))
                """)
    }
}
