/// The hourly rules that learn each device's rhythm from its own readings.
///
/// Per device and hour: the longest silence that ended in it. What is usual among those of the last thirty days (99 of 100 are
/// shorter) is the gap that the device is expected to make; it is missed after two and a half of them.
enum CadenceRules {
    static let intervalMilliseconds: Int64 = 3_600_000

    /// How many usual gaps a device may be silent.
    private static let factor = "2.5"
    /// Seconds: nobody is missed sooner.
    private static let shortestLimit = "180"
    /// Hours with a reading that a device must have had, over a day at least.
    private static let fewestHours = "12"

    private static let heard = "device:heard"
    private static let silence = "device:silence:1h"
    private static let usualGap = "device:usual_gap"
    private static let silentAfter = "device:silent_after"
    private static let available = "device:available"
    private static let ofPeople = "device:of_people"

    /// After how many seconds each device is missed. The rules may have been away for two days.
    static let limit = "last_over_time(\(silentAfter)[2d])"
    /// Of devices that speak when people do something …
    static let limitOfPeople = limit(isOfPeople: 1)
    /// … and of those that speak by themselves.
    static let limitOfMachines = limit(isOfPeople: 0)

    private static func limit(isOfPeople: Int) -> String {
        "(\(limit) and on \(SensorSelection.identity) last_over_time(\(ofPeople)[2d]) == \(isOfPeople))"
    }

    /// The devices that their broker or gateway says are offline. Who is offline most of the time sleeps between two readings, and
    /// is measured by these.
    static let offline = """
        \(limit)
          and on \(SensorSelection.identity) device_available == 0
          and on \(SensorSelection.identity) avg_over_time(\(available)[\(SilenceRules.memory)]) > 0.5
        """

    /// One number for each device, also if its labels have changed.
    static let limitOfDevice = "min by \(SensorSelection.identity) (\(limit))"

    static var rules: [PlainRule] {
        let identity = SensorSelection.identity
        let selector = SilenceRules.allDevices.selector()
        // A device speaks if any of its metrics does, so the shortest of their silences is its own at most.
        let within = "min by \(identity) (longest_silence_over_time(\(selector)[1h]))"
        // The silence that began in an hour before. Where the daemon was away then, nothing is known of it.
        let before = "min by \(identity) (ts_of_first_over_time(\(selector)[1h])) - \(heard) offset 1h"
        let silences = "\(silence)[\(SilenceRules.memory)]"
        // Twice as long until two weeks were seen, so that no weekend is the first one.
        let limit = """
            clamp_min(
              \(factor) * (\(usualGap) and \(heard) offset 2w or 2 * \(usualGap)),
              \(shortestLimit)
            )
            """
        return [
            PlainRule(kind: .record, name: heard, expression: SilenceRules.heard(SilenceRules.allDevices)),
            PlainRule(kind: .record, name: available, expression: "min by \(identity) (device_available)"),
            PlainRule(
                kind: .record, name: silence,
                // Only of whole hours: neither the device nor the daemon came in the middle of it. And not the silence that lasts
                // still: it counts when it has ended, and who is dead teaches nothing.
                // Another label keeps the two of a device apart until the longer one is found.
                expression: """
                    max by \(identity) (
                      label_replace(\(within), "edge", "within", "", "")
                        or
                      \(before)
                    )
                      > time() - \(heard) + 1
                      and \(heard) offset 1h
                      and on () max(\(SilenceRules.listening)) < time() - 3600
                    """),
            PlainRule(
                kind: .record, name: usualGap,
                expression: """
                    quantile_over_time(0.99, \(silences))
                      and count_over_time(\(silences)) >= \(fewestHours)
                      and \(heard) offset 1d
                    """),
            // The usual gap is a night then, and by day there is far less between two readings.
            PlainRule(
                kind: .record, name: ofPeople,
                expression: "\(usualGap) > bool 3 * quantile_over_time(0.5, \(silences))"),
            // With convention and gateway, by which gateways are told apart.
            PlainRule(
                kind: .record, name: silentAfter,
                expression: """
                    \(limit) * on \(identity) group_left (convention, gateway) device_info
                      or on \(identity)
                    \(limit)
                    """),
        ]
    }
}
