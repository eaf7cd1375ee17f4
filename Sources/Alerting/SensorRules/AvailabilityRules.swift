import Readings

/// The rules about devices of which their broker or gateway says whether they are online (`device_available`).
///
/// How long a device is usually offline is learned like its silences: many sleep between two readings, and some are switched off at
/// night. And whoever has spoken since it was last online is not offline, whatever is said of it.
enum AvailabilityRules {
    private static let available = "device:available"
    private static let online = "device:online"
    private static let offline = "device:offline:1h"
    private static let offlineAfter = "device:offline_after"

    private static let identity = SensorSelection.identity
    private static let gateway = GatewayRules.identity
    private static let memory = SilenceRules.memory
    /// Seconds: a reading may be stored so long after its time; and who is back by then was not away.
    private static let shortest = "300"
    /// Seconds: what brokers and gateways conclude from a silence is longer, such as the 25 hours of Zigbee2MQTT.
    private static let timeout = "86400"
    /// Seconds: who is never offline for longer than two thirds of that is expected to be online.
    private static let steady = "900"

    private static let heard = SilenceRules.heard(SilenceRules.allDevices)
    /// When each device was last online, as Unix seconds.
    private static let lastOnline = "ts_of_last_over_time(\(online)[\(memory)])"
    private static let lastOnlineBeside =
        "\(CadenceRules.limit) * 0 + on \(identity) group_left () \(lastOnline)"
    /// After how many seconds each device is missed that is declared offline.
    private static let limit = "last_over_time(\(offlineAfter)[\(CadenceRules.lately)])"

    /// Evaluated with the alerts.
    static let rules = [
        PlainRule(kind: .record, name: available, expression: "min by \(identity) (device_available)"),
        PlainRule(kind: .record, name: online, expression: "\(available) == 1"),
    ]

    // MARK: Evaluated each hour

    /// The longest time offline that ended in the hour, of who is online now. Not if the daemon or the gateway was away meanwhile: nothing
    /// is known of it then.
    static let spell = PlainRule(
        kind: .record, name: offline,
        expression: """
            max by \(identity) (
              label_replace(longest_silence_over_time(\(online)[1h]), "edge", "within", "", "")
                or
              ts_of_first_over_time(\(online)[1h]) - ts_of_last_over_time(\(online)[\(memory)] offset 1h)
            )
              and on \(identity) \(available) == 1
              unless on \(identity) ts_of_last_over_time(\(ListeningRules.deaf)[1h])
              and on () max(\(ListeningRules.since)) < time() - 3600
            """)

    /// Half as much again as what is usual. The two longest of a month are not: these may be what it is to be missed for.
    static let usualSpell = PlainRule(
        kind: .record, name: offlineAfter,
        expression: "clamp_min(1.5 * quantile_over_time(0.997, \(offline)[\(memory)]), \(shortest))")

    // MARK: Who is missed

    /// Of each device that is declared offline for longer than is usual: when it was last online. Where it had said nothing for longer than
    /// it usually does by then, or for a day, that is no news but its silence, of which somebody has concluded that it is offline. And who is
    /// switched off every night may be so for a Sunday: its silence tells that.
    private static let offlineSince = """
        \(lastOnlineBeside)
          and on \(identity) \(available) == 0
          and on \(identity) \(heard) < on \(identity) \(lastOnline) + \(shortest)
          and on \(identity) \(heard) > on \(identity) \(lastOnline) - on \(identity) clamp_max(0.4 * \(CadenceRules.limitOfDevice), \(timeout))
          and on \(identity) time() - \(lastOnline) > on \(identity) (\(limit) < \(CadenceRules.shortestNight))
        """
    /// The devices to be told of: another one of their gateway was heard since they were online, or they have none. Who could
    /// not be heard meanwhile is measured by its silence, as others are.
    static let missed = """
        \(offlineSince)
          and on \(identity) (
            \(CadenceRules.limit) unless on \(gateway) \(GatewayRules.several)
              or on \(identity)
            \(lastOnlineBeside) + \(shortest) < on \(gateway) group_left () \(GatewayRules.heard)
          )
          unless on \(identity) (\(ListeningRules.unheard()))
        """

    private static let steadyOffline = """
        \(SilenceRules.indented(offlineSince, 2))
            and on \(identity) \(limit) <= \(steady)
        """

    /// The gateways of which all that are expected to be online are offline, three and more than half of its devices, and nobody has
    /// spoken since.
    static let missedGateways = """
        count by \(gateway) (
          \(steadyOffline)
        )
          >= clamp_min(0.9 * count by \(gateway) (\(CadenceRules.limit) and on \(identity) \(limit) <= \(steady)), 3)
          and count by \(gateway) (
          \(steadyOffline)
        )
          > 0.5 * count by \(gateway) (\(CadenceRules.limit))
          and \(GatewayRules.heard) <= max by \(gateway) (
          \(steadyOffline)
        ) + \(shortest)
        """
}
