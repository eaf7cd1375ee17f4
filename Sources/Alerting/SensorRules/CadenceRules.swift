/// The hourly rules that learn each device's rhythm from its own readings.
///
/// Per device and hour: the longest silence that ended in it. What is usual among those of the last thirty days (99 of 100 are
/// shorter) is the gap that a device is expected to make; it is missed after two and a half of them.
enum CadenceRules {
    /// How many expected gaps a device may be silent.
    private static let factor = "2.5"
    /// Seconds: nobody is missed sooner.
    private static let shortestLimit = "180"
    /// Hours with a reading that a device must have had, over a day at least.
    private static let fewestHours = "12"

    private static let heard = "device:heard"
    private static let silence = "device:silence:1h"
    private static let expected = "device:expected_gap"
    private static let silentAfter = "device:silent_after"

    static let intervalMilliseconds: Int64 = 3_600_000

    /// After how many seconds each device is missed; what was last learned stays while it is silent.
    static let limit = "last_over_time(\(silentAfter)[\(SilenceRules.memory)])"
    /// The same without the convention.
    static let limitOfDevice = "min by \(SensorSelection.identity) (\(limit))"

    static var rules: [PlainRule] {
        let identity = SensorSelection.identity
        let selector = SilenceRules.allDevices.selector()
        // A device speaks if any of its metrics does, so the shortest of their silences is its own at most.
        let within = "min by \(identity) (longest_silence_over_time(\(selector)[1h]))"
        // The silence that began in an hour before. Where the daemon was away then, nothing is known of it.
        let before = "min by \(identity) (ts_of_first_over_time(\(selector)[1h])) - \(heard) offset 1h"
        let usual = "quantile_over_time(0.99, \(silence)[\(SilenceRules.memory)])"
        return [
            PlainRule(kind: .record, name: heard, expression: SilenceRules.heard(SilenceRules.allDevices)),
            PlainRule(
                kind: .record, name: silence,
                expression: """
                    \(within) > (\(before))
                      or
                    \(before)
                      or
                    \(within)
                    """),
            // Twice as long until a whole week was seen, so that the first weekend is none.
            PlainRule(
                kind: .record, name: expected,
                expression: """
                    (\(usual) and \(heard) offset 1w or 2 * \(usual))
                      and count_over_time(\(silence)[\(SilenceRules.memory)]) >= \(fewestHours)
                      and \(heard) offset 1d
                    """),
            PlainRule(
                kind: .record, name: silentAfter,
                expression: """
                    clamp_min(
                      \(factor) * \(expected) * on \(identity) group_left (convention) device_info
                        or on \(identity)
                      \(factor) * \(expected),
                      \(shortestLimit)
                    )
                    """),
        ]
    }
}
