import Readings

/// The rules behind `silent:`. Each device is measured by its own rhythm, which is learned (``CadenceRules``), and a gateway that
/// takes its devices with it is one alert.
///
/// How long a device has been silent counts from its last reading, but not from before the daemon began to listen without a pause,
/// before its gateway came back, and not while nobody is at home (``AbsenceRules``): what nobody could hear is no silence. An alert
/// that fires already is not held up by that.
enum SilenceRules {
    /// A device that was not heard for so long is forgotten.
    static let memory = "30d"
    /// A pause in the evaluations that is longer counts as not having listened.
    static let pause = "3m"
    /// The evaluations must follow each other faster than that.
    static let longestIntervalMilliseconds: Int64 = 120_000

    /// Since when the rules have been evaluated without a pause, as Unix seconds.
    static let listening = "sensors:listening_since"
    private static let gatewayAlert = "GatewaySilent"
    private static let gatewayHeard = "gateway:heard"
    private static let gatewayListening = "gateway:listening_since"
    private static let gateway = "(household, convention, gateway)"
    /// Seconds after which a gateway is missed whose devices all speak for people only: they may be travelling.
    private static let longestJourney = "1209600"

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

    // MARK: What a file needs once, before its first alert of silence

    static var shared: [PlainRule] {
        [
            // Without labels: what is stored has a household, which the time has not.
            PlainRule(
                kind: .record, name: listening,
                expression: "max(last_over_time(\(listening)[\(pause)])) or vector(time())"),
            PlainRule(
                kind: .record, name: gatewayHeard,
                expression: "max by \(gateway) (\(heardBeside(CadenceRules.limit)))"),
            PlainRule(
                name: gatewayAlert, expression: gatewayExpression, holdMilliseconds: 60_000,
                annotations: SensorTexts.gateway),
            // Begins anew for as long as the gateway is, or may be, silent.
            PlainRule(
                kind: .record, name: gatewayListening,
                expression: """
                    last_over_time(\(gatewayListening)[\(pause)])
                      unless on \(gateway) ALERTS{alertname="\(gatewayAlert)"}
                      or
                    \(gatewayHeard) * 0 + time()
                    """),
        ] + AbsenceRules.rules
    }

    /// When each device was heard, with the labels of its limit.
    static func heardBeside(_ limit: String) -> String {
        "\(limit) * 0 + on \(SensorSelection.identity) group_left () \(heard(allDevices))"
    }

    /// The devices, each with the instant at which it has been silent for a share of its limit.
    private static func due(_ share: String) -> String {
        "(\(heardBeside(CadenceRules.limit)) + \(CadenceRules.limit) * \(share))"
    }

    /// A little more than one usual gap, of which a limit has two and a half: who is silent for longer has missed its turn.
    private static let turn = "0.45"
    /// Seconds for which one device is not told of that may be the first of its gateway's.
    private static let longestDoubt = "900"
    /// Gateways worth the name.
    private static let ofSeveral = "and on \(gateway) count by \(gateway) (\(CadenceRules.limit)) >= 3"

    /// At least three devices, and none of those that were alive at the last word of any has kept its own rhythm since: one of them
    /// has reached its limit, and another one has missed its turn at least. Or three and most of them are said to be offline.
    private static var gatewayExpression: String {
        let deadBefore = "\(due("1")) < on \(gateway) group_left () \(gatewayHeard)"
        return """
            time() - clamp_min(\(gatewayHeard), scalar(max(\(listening))))
              > min by \(gateway) (
                (\(CadenceRules.limitOfMachines) or \(CadenceRules.limitOfPeople) * 0 + \(longestJourney))
                  unless on (household, device, convention, gateway) (
                    \(deadBefore)
                  )
              )
              and on \(gateway) count by \(gateway) (
                \(due(turn)) < time()
                  unless on (household, device, convention, gateway) (
                    \(deadBefore)
                  )
              ) >= 2
              \(ofSeveral)
              or
            time() - \(gatewayHeard)
              and on \(gateway) (
                count by \(gateway) (
                  \(CadenceRules.offline.indented(6))
                )
                  >= clamp_min(0.6 * count by \(gateway) (\(CadenceRules.limit)), 3)
              )
              or
            time() - \(gatewayHeard)
              and on \(gateway) \(fires(OwnAlert(name: gatewayAlert)))
              and on \(gateway) \(gatewayHeard) < last_over_time(\(gatewayListening)[\(memory)])
            """
    }

    // MARK: The alert of a device

    static func learnedExpression(_ selection: SensorSelection, _ alert: OwnAlert) -> String {
        """
        time() - \(heard(selection))
          > \(CadenceRules.limitOfDevice)
          and on \(SensorSelection.identity) (
            \(CadenceRules.limit)
              < on \(gateway) group_left () (time() - \(gatewayListening))
              unless on \(SensorSelection.identity) (
                \(AbsenceRules.excused(selection).indented(8))
              )
              unless on \(SensorSelection.identity) (
                \(due(turn)) >= on \(gateway) group_left () (\(gatewayHeard) \(ofSeveral))
                  and \(heardBeside(CadenceRules.limit)) > time() - \(longestDoubt)
              )
              or
            \(fires(alert))
          )
          or
        time() - \(heard(selection))
          and on \(SensorSelection.identity) (
            \(CadenceRules.offline.indented(4))
              and on \(gateway) time() - \(gatewayListening) > 300
          )
        """
    }

    static func fixedExpression(_ milliseconds: Int64, _ selection: SensorSelection, _ alert: OwnAlert) -> String {
        let limit = SensorRule.number(Double(milliseconds) / 1000)
        return """
            time() - \(heard(selection))
              > \(limit)
              and on \(SensorSelection.identity) (
                \(heard(selection))
                  and on () vector(time() - scalar(max(\(listening)))) > \(limit)
                  or
                \(fires(alert))
              )
            """
    }

    /// The alert as it was before the daemon was away, or its gateway.
    private static func fires(_ alert: OwnAlert) -> String { "last_over_time(\(alert.firing)[1h])" }
}

extension String {
    /// The lines behind the first one, further to the right.
    fileprivate func indented(_ width: Int) -> String {
        replacing("\n", with: "\n" + String(repeating: " ", count: width))
    }
}
