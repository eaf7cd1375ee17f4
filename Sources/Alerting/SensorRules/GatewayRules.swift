import Readings

/// The rules about gateways: what takes all of its devices with it is one alert.
///
/// Devices of one household, convention and gateway, three at least, are silent together if none of those speaks that had not missed
/// their turn when one spoke last. One of them has reached its limit, and of the others that have not missed their turn either, three words
/// should have come meanwhile; half as many are enough if two have missed their turn. Where all have, none are needed; nor where half of them
/// have, not counting who is silent every night, and the others speak so rarely that the first one can't wait for them.
enum GatewayRules {
    static let identity = "(household, convention, gateway)"
    static let alert = OwnAlert(name: "GatewaySilent")
    /// When any of a gateway's devices was last heard, as Unix seconds.
    static let heard = "gateway:heard"
    /// A little more than one usual gap, of which a limit has two and a half: who is quiet for longer has missed its turn.
    private static let turn = "0.45"
    /// Seconds after which a device is told of in any case that may be the first of its gateway's, unless its limit is longer; …
    private static let longestDoubt = "900"
    /// … and after which it is its gateway if half of the others have missed their turn, which is told a minute later.
    private static let longestWait = "780"
    /// Seconds after which a gateway is missed whose devices all speak for people: they may be travelling.
    private static let longestJourney = "1209600"

    private static let limit = CadenceRules.limit

    /// Those that are worth the name.
    static let several = "count by \(identity) (\(limit)) >= 3"

    /// When each device misses its turn.
    private static let due = "\(SilenceRules.heardBeside(limit)) + \(limit) * \(turn)"
    private static let alive = "\(due) >= on \(identity) group_left () \(heard)"
    private static let late = "\(ListeningRules.quiet(beside: limit)) > \(limit) * \(turn) and \(alive)"
    /// Who is silent every night says nothing of it for hours.
    private static let quick = "\(limit) < 2.5 * \(CadenceRules.shortestNight)"
    private static let machine = CadenceRules.limitOfMachines
    private static let missed = """
        \(ListeningRules.quiet(beside: limit))
          > (\(machine) or \(CadenceRules.limitOfPeople) * 0 + \(longestJourney))
          and \(alive)
        """
    private static let missedForLong = """
        \(ListeningRules.quiet(beside: machine)) > clamp_min(1.05 * \(machine), \(longestWait)) and \(alive)
        """

    static let rules = [
        PlainRule(
            kind: .record, name: heard, expression: "max by \(identity) (\(SilenceRules.heardBeside(limit)))"),
        PlainRule(
            name: alert.name, expression: expression, holdMilliseconds: 60_000, annotations: SensorTexts.gateway),
    ]

    /// How many words should have come since the last one, of those that have not missed their turn and speak by themselves: one in what
    /// is a large gap by day, and most of those at night.
    private static let dueWords = """
        sum by \(identity) (
          1 / (\(machine) * 0 + on \(SensorSelection.identity) group_left () \(CadenceRules.largeGapOfDevice))
            and (\(alive))
            unless (\(late))
        )
          * (time() - \(heard))
        """

    private static let expression = """
        time() - \(heard)
          and on \(identity) (
            \(SilenceRules.indented(missed, 4))
          )
          and (
            \(SilenceRules.indented(dueWords, 4))
              >= 3
              or
            count by \(identity) (\(SilenceRules.indented(late, 4))) >= 2
              and (
                \(SilenceRules.indented(dueWords, 8))
                  >= 1.5
                  or
                count by \(identity) (\(SilenceRules.indented(late, 8)))
                  >= count by \(identity) (\(alive))
                  or
                count by \(identity) (\(SilenceRules.indented(late, 8)))
                  >= 0.5 * (count by \(identity) (\(alive) and \(quick)) or count by \(identity) (\(alive)))
                  and on \(identity) (
                    \(SilenceRules.indented(missedForLong, 12))
                  )
              )
          )
          and \(several)
          or
        time() - \(heard)
          and on \(identity) (
            \(SilenceRules.indented(AvailabilityRules.missedGateways, 4))
          )
          or
        time() - \(heard)
          and on \(identity) \(alert.goes(on: identity, since: heard))
        """

    /// The devices that may be the first of their gateway's: no other one has spoken since they missed their turn. They are
    /// told of all the same before they have been quiet for three usual gaps, or a quarter of an hour.
    static let inDoubt = """
        \(due) >= on \(identity) group_left () (\(heard) and \(several))
          and \(ListeningRules.quiet(beside: limit)) < clamp_min(1.15 * \(limit), \(longestDoubt))
        """
}
