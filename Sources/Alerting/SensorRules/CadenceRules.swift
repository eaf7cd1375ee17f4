/// The hourly rules that learn each device's rhythm from its own readings.
///
/// Per device and hour: the longest silence that ended in it, less the time in which the device could not be heard. What is usual
/// among those of the last thirty days (99 of 100 are shorter) is the gap that the device is expected to make. It is missed after
/// two and a half of them; where usual gaps are single messages that were lost, as most are not much shorter, after two and a
/// half of the middle ones more.
///
/// Who is silent teaches nothing: what was learned when a device spoke last counts until it speaks again.
///
/// Who is silent every night, for six hours at least, is silent for longer on Sundays and holidays, which are too few to be usual: it is
/// not missed before it has been silent for a third longer than ever, or for two weeks. Of a household's only device that speaks for people, which
/// can't tell a journey from a dead battery, the longest silence of two years counts, of one that speaks by itself the longest of a month
/// that nobody was told of.
enum CadenceRules {
    static let intervalMilliseconds: Int64 = 3_600_000

    /// Seconds: nobody is missed sooner.
    private static let shortestLimit = "180"
    /// Seconds: for so long people sleep at least.
    static let shortestNight = "21600"
    /// Of what is multiplied by 2.5 for the limit: a silence, so that the limit is a third longer than that, …
    private static let aThirdLonger = "0.54"
    /// … and seconds, so that it is two weeks.
    private static let longestJourney = "483840"
    /// Hours with a reading that a device must have had, over a day at least.
    private static let fewestHours = "12"

    private static let heard = "device:heard"
    private static let silence = "device:silence:1h"
    /// Those that were not told of.
    private static let borne = "device:borne_silence:1h"
    private static let usualGap = "device:usual_gap"
    private static let middleGap = "device:middle_gap"
    /// Three of four are shorter.
    private static let largeGap = "device:large_gap"
    private static let silentAfter = "device:silent_after"
    private static let ofPeople = "device:of_people"

    private static let missedAfter = "device:missed_after"
    /// For so long the rules that learn may have been away: what they had learned goes on counting until they have run again.
    static let lately = "8d"

    /// After how many seconds each device is missed, with the convention and gateway that it has now. The rules that learn may have been
    /// away for a week.
    static let newest = PlainRule(
        kind: .record, name: missedAfter,
        expression: """
            last_over_time(\(silentAfter)[\(lately)])
              and ts_of_last_over_time(\(silentAfter)[\(lately)])
                == on \(SensorSelection.identity) group_left ()
              max by \(SensorSelection.identity) (ts_of_last_over_time(\(silentAfter)[\(lately)]))
            """)
    static let limit = missedAfter
    /// Seconds: three of four of a device's hours have no longer silence.
    static let largeGapOfDevice = "last_over_time(\(largeGap)[\(lately)])"
    /// Of devices that speak when people do something …
    static let limitOfPeople = limit(isOfPeople: 1)
    /// … and of those that speak by themselves.
    static let limitOfMachines = limit(isOfPeople: 0)

    private static func limit(isOfPeople: Int) -> String {
        "(\(limit) and on \(SensorSelection.identity) last_over_time(\(ofPeople)[\(lately)]) == \(isOfPeople))"
    }

    /// One number for each device, also if its labels have changed.
    static let limitOfDevice = "min by \(SensorSelection.identity) (\(limit))"

    static var rules: [PlainRule] {
        let identity = SensorSelection.identity
        let selector = SilenceRules.allDevices.selector()
        // A device speaks if any of its metrics does, so the shortest of their silences is its own at most.
        // Of an hour in which it could not be heard for a while only the other one counts.
        let within = """
            min by \(identity) (longest_silence_over_time(\(selector)[1h]))
              unless ts_of_last_over_time(\(ListeningRules.deaf)[1h])
            """
        // The silence that began in an hour before. Where the daemon was away then, nothing is known of it.
        let before = "min by \(identity) (ts_of_first_over_time(\(selector)[1h])) - \(heard) offset 1h"
        // What could not be heard of that, if anything.
        let deaf = """
            last_over_time(\(ListeningRules.deaf)[\(SilenceRules.memory)])
              and ts_of_last_over_time(\(ListeningRules.deaf)[\(SilenceRules.memory)]) > \(heard) offset 1h
            """
        // One that is silent for a week may be dead.
        let alone = """
            \(ofPeople) == 1
              unless on (household) count by (household) (\(ofPeople) == 1 and on \(identity) \(heard) > time() - 604800) > 1
            """
        // What is silent every night is missed after twice as long until a week was seen, and a third longer than ever from then on: so
        // that no weekend is the first one, nor too rare to be usual. Not if others tell when people are away.
        let limit = """
            clamp_min(
              \(usualGap) + (1.5 * \(usualGap) <= 2.5 * \(middleGap) or 2.5 * \(middleGap))
                and \(usualGap) <= 3 * \(middleGap)
                or
              2.5 * (
                \(usualGap) < \(shortestNight)
                  or
                2 * \(usualGap) unless last_over_time(\(heard)[22d] offset 8d)
                  or
                clamp_max(
                  \(aThirdLonger) * max_over_time(\(borne)[30d]) > \(usualGap) and \(ofPeople) == 0
                    or
                  \(aThirdLonger) * max_over_time(\(silence)[2y]) > \(usualGap) and (
                    \(SilenceRules.indented(alone, 8))
                  )
                    or
                  \(usualGap),
                  \(longestJourney)
                )
              ),
              \(shortestLimit)
            )
            """
        return [
            PlainRule(kind: .record, name: heard, expression: SilenceRules.heard(SilenceRules.allDevices)),
            PlainRule(
                kind: .record, name: silence,
                // Only of whole hours: neither the device nor the daemon came in the middle of it. And not the silence that lasts
                // still: it counts when it has ended, and who is dead teaches nothing.
                // Another label keeps the two of a device apart until the longer one is found.
                expression: """
                    max by \(identity) (
                      label_replace(\(SilenceRules.indented(within, 22)), "edge", "within", "", "")
                        or
                      (\(before)) - (\(SilenceRules.indented(deaf, 22)))
                        or
                      \(before)
                    )
                      > time() - \(heard) + 1
                      and \(heard) offset 1h
                      and on () max(\(ListeningRules.since)) < time() - 3600
                    """),
            AvailabilityRules.spell, AvailabilityRules.usualSpell,
            PlainRule(
                kind: .record, name: borne,
                expression:
                    "\(silence) <= on \(identity) min by \(identity) (last_over_time(\(silentAfter)[\(lately)]))"),
            PlainRule(kind: .record, name: usualGap, expression: learned(usual, as: usualGap)),
            PlainRule(kind: .record, name: middleGap, expression: learned(quantile(0.5), as: middleGap)),
            PlainRule(kind: .record, name: largeGap, expression: learned(quantile(0.75), as: largeGap)),
            // The usual gap is a night then, by day there is far less between two readings, and that differs: what speaks as long as
            // the sun shines does so evenly.
            PlainRule(
                kind: .record, name: ofPeople,
                expression: """
                    (\(usualGap) > bool 3 * \(middleGap))
                      * (\(usualGap) >= bool \(shortestNight))
                      * (\(largeGap) > bool 1.2 * \(middleGap))
                    """),
            // With convention and gateway, by which gateways are told apart.
            PlainRule(
                kind: .record, name: silentAfter,
                expression: """
                    \(limit) * on \(identity) group_left (convention, gateway)
                      topk by \(identity) (1, device_info)
                      or on \(identity)
                    \(limit)
                    """),
        ]
    }

    private static let silences = "\(silence)[\(SilenceRules.memory)]"

    private static func quantile(_ quantile: Double) -> String { "quantile_over_time(\(quantile), \(silences))" }

    /// Who speaks more rarely from now on does so for two hours before that is usual.
    private static let usual = """
        min_over_time(\(silence)[2h]) > \(quantile(0.99)) and count_over_time(\(silence)[2h]) >= 2
          or
        \(quantile(0.99))
        """

    /// What was learned of a device's silences in a month, as it was in the hour of its last word.
    private static func learned(_ gap: String, as name: String) -> String {
        """
        (\(gap))
          and count_over_time(\(silences)) >= \(fewestHours)
          and \(heard) offset 1d
          and \(heard) >= time() - 3600
          or
        last_over_time(\(name)[\(SilenceRules.memory)])
          and \(heard)
        """
    }
}
