import Readings

/// The rules that tell for how long a device could not be heard, whatever it did: `quantracd` was away, its gateway was silent, or
/// nobody was at home to set it off. A device is *quiet* for the time since its last word, less that.
enum ListeningRules {
    /// Since when the rules have been evaluated without a pause, as Unix seconds.
    static let since = "sensors:listening_since"
    /// Seconds since the evaluation before.
    private static let step = "sensors:step"
    /// Seconds since a device's last word, as it was when this was recorded, in which it could not be heard. It is recorded while that
    /// grows, and counts until the device speaks.
    static let deaf = "device:deaf"

    /// A longer step is a pause: nobody listened.
    static let pause = "3m"
    private static let pauseSeconds = "180"
    /// Behind a gateway that speaks again not all devices come back at once: so long after the last one that did others may, …
    private static let returning = "15m"
    /// … and after the first one. Who is missed later than that has time enough.
    private static let longestReturn = "1h"
    private static let longestReturnSeconds = "3600"
    /// Seconds: a reading may be stored so long after its time.
    private static let transit = "300"

    private static let identity = SensorSelection.identity
    private static let memory = SilenceRules.memory

    // Without labels: what is stored has a household, which time has not.
    static let clock = [
        PlainRule(kind: .record, name: since, expression: "max(last_over_time(\(since)[\(pause)])) or vector(time())"),
        PlainRule(
            kind: .record, name: step,
            expression: "time() - max(ts_of_last_over_time(\(step)[\(memory)])) or vector(0)"),
    ]

    private static let heard = SilenceRules.heard(SilenceRules.allDevices)

    /// What it was, with the time since the evaluation before; of those that have spoken since, that alone.
    private static let grown = """
        (
          last_over_time(\(deaf)[\(memory)]) unless \(heard) > ts_of_last_over_time(\(deaf)[\(memory)]) - \(transit)
            or
          \(heard) * 0
        )
          + scalar(max(\(step)))
        """

    /// The devices that have not spoken since their gateway fell silent, while others are coming back.
    private static let behindSilentGateways = """
        \(SilenceRules.heardBeside(CadenceRules.limit))
          < on \(GatewayRules.identity) group_left ()
          max by \(GatewayRules.identity) (last_over_time(\(GatewayRules.alert.activeSince)[\(longestReturn)]))
          and on \(GatewayRules.identity) (
            last_over_time(\(GatewayRules.alert.firing)[\(returning)])
              or
            \(SilenceRules.heardBeside(CadenceRules.limit))
              > on \(identity) group_left () ts_of_last_over_time(\(deaf)[\(returning)])
          )
          and (
            \(CadenceRules.limit) < \(longestReturnSeconds)
              or
            \(CadenceRules.limit) and on \(GatewayRules.identity) \(GatewayRules.alert.firing)
          )
        """

    /// A gateway's silence was not its devices': each of them has all of its time again, the first time, once the others have had
    /// theirs to come back.
    static let deafness = PlainRule(
        kind: .record, name: deaf,
        expression: """
            time() - \(heard)
              and on \(identity) (\(SilenceRules.indented(behindSilentGateways, 4)))
              unless (\(unheard()))
              or
            (
              \(SilenceRules.indented(grown, 2))
                < time() - \(heard)
                or
              time() - \(heard)
            )
              and on \(identity) (
                \(heard) and on () vector(scalar(max(\(step)))) > \(pauseSeconds)
                  or
                \(behindSilentGateways)
                  or
                \(CadenceRules.limitOfPeople) and on (household) \(AbsenceRules.away)
              )
            """)

    /// Since its last word, where it could not be heard for some time.
    static func unheard(_ selection: SensorSelection = SilenceRules.allDevices) -> String {
        "last_over_time(\(deaf)[\(memory)]) and ts_of_last_over_time(\(deaf)[\(memory)]) > \(SilenceRules.heard(selection))"
    }

    /// Seconds for which each device has been quiet.
    static func quiet(_ selection: SensorSelection = SilenceRules.allDevices) -> String {
        let heard = SilenceRules.heard(selection)
        return """
            (
              time() - \(heard)
                - (\(unheard(selection)))
                or
              time() - \(heard)
            )
            """
    }

    /// The same with the labels of `limit`.
    static func quiet(beside limit: String) -> String {
        "\(limit) * 0 + on \(identity) group_left () \(quiet())"
    }
}
