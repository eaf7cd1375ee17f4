import Readings

/// The rules about devices of which their broker or gateway says whether they are online (`device_available`).
///
/// Who is offline most of the time sleeps between two readings, and is measured by these. And whoever has spoken since it was last
/// online is not offline, whatever is said of it.
enum AvailabilityRules {
    private static let available = "device:available"
    private static let online = "device:online"
    private static let share = "device:online_share"

    private static let identity = SensorSelection.identity
    private static let gateway = GatewayRules.identity
    /// Seconds: a reading may be stored so long after its time; and who is back by then was not away.
    private static let shortest = "300"

    /// When each device was last online, as Unix seconds.
    private static let lastOnline = "ts_of_last_over_time(\(online)[\(SilenceRules.memory)])"
    /// The devices whose word counts.
    private static let telling = """
        \(CadenceRules.limit)
          and on \(identity) avg_over_time(\(share)[\(SilenceRules.memory)]) > 0.5
        """
    private static let lastOnlineBeside = "\(CadenceRules.limit) * 0 + on \(identity) group_left () \(lastOnline)"

    /// Evaluated with the alerts.
    static let rules = [
        PlainRule(kind: .record, name: available, expression: "min by \(identity) (device_available)"),
        PlainRule(kind: .record, name: online, expression: "\(available) == 1"),
    ]

    /// Evaluated each hour.
    static let learning = PlainRule(
        kind: .record, name: share, expression: "avg_over_time(\(available)[1h])")

    private static let offline = """
        \(telling)
          and on \(identity) \(available) == 0
          and on \(identity) \(SilenceRules.heard(SilenceRules.allDevices)) < \(lastOnline) + \(shortest)
        """

    /// The devices to be told of: offline for five minutes, and another one of their gateway was heard since, or it has none. Who could
    /// not be heard meanwhile is measured by its limit, as others are.
    static let missed = """
        \(offline)
          and on \(identity) time() - \(lastOnline) > \(shortest)
          and on \(identity) (
            \(CadenceRules.limit) unless on \(gateway) \(GatewayRules.several)
              or on \(identity)
            \(lastOnlineBeside) < on \(gateway) group_left () \(GatewayRules.heard)
          )
          unless on \(identity) (\(ListeningRules.unheard()))
        """

    /// The gateways of which all that can be said to be offline are, three at least, and nobody has spoken since.
    static let missedGateways = """
        count by \(gateway) (
          \(SilenceRules.indented(offline, 2))
        )
          >= clamp_min(0.9 * count by \(gateway) (\(SilenceRules.indented(telling, 2))), 3)
          and \(GatewayRules.heard) <= max by \(gateway) (\(lastOnlineBeside)) + \(shortest)
        """
}
