import Readings

/// The rules behind `silent:`. Each device is measured by its own rhythm, which is learned (``CadenceRules``); time in which it could
/// not be heard does not count (``ListeningRules``), and a gateway that takes its devices with it is one alert (``GatewayRules``).
enum SilenceRules {
    /// A device that was not heard for so long is forgotten.
    static let memory = "30d"
    /// The evaluations must follow each other faster than that.
    static let longestIntervalMilliseconds: Int64 = 120_000

    /// Metrics that are readings, not what rules and the daemon say of them.
    static let readings: [LabelMatcher] = {
        let others = try? LabelMatcher(LabelName.metric, .doesNotMatch, "ALERTS.*|device_(info|available)|.*:.*")
        return others.map { [$0] } ?? []
    }()

    static let allDevices = SensorSelection(matchers: SensorSelection.anyDevice + readings)

    /// When each device said something last, as Unix seconds.
    static func heard(_ selection: SensorSelection) -> String {
        "max by \(SensorSelection.identity) (ts_of_last_over_time(\(selection.selector())[\(memory)]))"
    }

    /// When each device was heard, with the labels of its limit.
    static func heardBeside(_ limit: String) -> String {
        "\(limit) * 0 + on \(SensorSelection.identity) group_left () \(heard(allDevices))"
    }

    /// What the rules of silence of all files share, in the first file before its first one: `alert`.
    static func shared(beside alert: OwnAlert) -> [PlainRule] {
        ListeningRules.clock + AvailabilityRules.rules
            + [CadenceRules.newest, AbsenceRules.rule(beside: alert), ListeningRules.deafness] + GatewayRules.rules
    }

    // MARK: The alert of a device

    static func learnedExpression(_ selection: SensorSelection, _ alert: OwnAlert) -> String {
        """
        time() - \(heard(selection))
          and on \(SensorSelection.identity) (
            \(indented(ListeningRules.quiet(selection), 4)) > \(CadenceRules.limitOfDevice)
              unless on \(SensorSelection.identity) (
                \(indented(GatewayRules.inDoubt, 8))
              )
              or on \(SensorSelection.identity)
            \(indented(AvailabilityRules.missed, 4))
          )
          unless on \(SensorSelection.identity) (
            \(CadenceRules.limit) and on \(GatewayRules.identity) \(GatewayRules.alert.active)
          )
          or
        time() - \(heard(selection))
          and \(alert.goes(on: SensorSelection.identity, since: heard(selection)))
        """
    }

    static func fixedExpression(_ milliseconds: Int64, _ selection: SensorSelection, _ alert: OwnAlert) -> String {
        let limit = SensorRule.number(Double(milliseconds) / 1000)
        return """
            time() - \(heard(selection))
              > \(limit)
              and on \(SensorSelection.identity) (
                \(heard(selection))
                  and on () vector(time() - scalar(max(\(ListeningRules.since)))) > \(limit)
                  or
                last_over_time(\(alert.firing)[1h])
              )
            """
    }

    /// The lines behind the first one, further to the right.
    static func indented(_ text: String, _ width: Int) -> String {
        text.replacing("\n", with: "\n" + String(repeating: " ", count: width))
    }
}
