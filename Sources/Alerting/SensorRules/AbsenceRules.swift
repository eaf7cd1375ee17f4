import Readings

/// The rules that tell for how long nobody was at home: what only people set off says nothing then, and that is no silence.
///
/// Nobody is at home once all devices of a household that speak when people do something, two at least, have been silent for two
/// thirds of the shortest of their limits. Evaluated each time, with the alerts, and recorded for the hourly rules.
enum AbsenceRules {
    /// When anything was last heard in each household that people set off, as Unix seconds.
    private static let heard = "people:heard"
    /// Seconds since the evaluation before, if nobody is at home, or else 0.
    private static let step = "people:absence:step"
    /// Seconds since each device's last word in which nobody was at home.
    private static let absence = "device:absence"

    private static let ofPeople = CadenceRules.limitOfPeople
    private static let identity = SensorSelection.identity

    /// Between two evaluations no more than this has passed, or nobody listened.
    private static let pause = SilenceRules.pause
    /// Seconds: a reading may be stored so long after its time.
    private static let transit = "300"

    static let rules = [
        PlainRule(
            kind: .record, name: heard,
            expression: """
                max by (household) (\(SilenceRules.heardBeside(ofPeople)))
                  and count by (household) (\(ofPeople)) >= 2
                """),
        PlainRule(
            kind: .record, name: step,
            expression: """
                time() - ts_of_last_over_time(\(step)[\(pause)])
                  and time() - \(heard) > min by (household) (\(ofPeople)) * 2 / 3
                  or
                \(heard) * 0
                """),
        // Whoever was heard since it was recorded begins anew.
        PlainRule(
            kind: .record, name: absence,
            expression: """
                (
                  last_over_time(\(absence)[\(SilenceRules.memory)])
                    and on \(identity) \(ofPeople)
                    unless on \(identity) (
                      \(SilenceRules.heard(SilenceRules.allDevices))
                        > ts_of_last_over_time(\(absence)[\(SilenceRules.memory)]) - \(transit)
                    )
                    or
                  max by \(identity) (\(ofPeople)) * 0
                )
                  + on (household) group_left () \(step)
                """),
    ]

    /// The devices that speak when people do something, and have been silent for no longer than their limit while
    /// anybody was at home.
    static func excused(_ selection: SensorSelection) -> String {
        """
        max by \(identity) (\(ofPeople))
          >= time() - \(SilenceRules.heard(selection)) - last_over_time(\(absence)[\(pause)])
        """
    }

    /// For how long nobody was at home in each silence that ended in the last hour.
    static let ofLastHour = "max_over_time(\(absence)[1h])"
}
