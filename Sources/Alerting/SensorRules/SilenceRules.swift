import Readings

/// The rules behind `silent:`. Each device is measured by its own rhythm, which is learned (``CadenceRules``), and a gateway that
/// takes its devices with it is one alert.
///
/// How long a device has been silent counts from its last reading, but not from before the daemon began to listen without a pause,
/// before its gateway came back, or before anybody came home: what nobody could hear is no silence. An alert that fires already
/// is not held up by that.
enum SilenceRules {
    /// A device that was not heard for so long is forgotten.
    static let memory = "30d"
    /// A pause in the evaluations that is longer counts as not having listened.
    private static let pause = "3m"
    /// The evaluations must follow each other faster than that.
    static let longestIntervalMilliseconds: Int64 = 120_000

    /// Since when the rules have been evaluated without a pause, as Unix seconds.
    static let listening = "sensors:listening_since"
    private static let gatewayAlert = "GatewaySilent"
    private static let gatewayHeard = "gateway:heard"
    private static let gatewayListening = "gateway:listening_since"
    private static let gateway = "(household, convention, gateway)"
    private static let peopleHeard = "people:heard"
    private static let peopleListening = "people:listening_since"
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
            PlainRule(
                kind: .record, name: peopleHeard,
                expression: """
                    max by (household) (\(heardBeside(CadenceRules.limitOfPeople)))
                      and count by (household) (\(CadenceRules.limitOfPeople)) >= 2
                    """),
            // Begins anew for as long as nobody is at home: all of them are silent for longer than one of them usually is.
            PlainRule(
                kind: .record, name: peopleListening,
                expression: """
                    last_over_time(\(peopleListening)[\(pause)])
                      and time() - \(peopleHeard) < min by (household) (\(CadenceRules.limitOfPeople)) / 2
                      or
                    \(peopleHeard) * 0 + time()
                    """),
        ]
    }

    /// When each device was heard, with the labels of its limit.
    private static func heardBeside(_ limit: String) -> String {
        "\(limit) * 0 + on \(SensorSelection.identity) group_left () \(heard(allDevices))"
    }

    /// At least three devices, and none of those that were alive at the last word of any has kept its own rhythm since. Or three
    /// and most of them are said to be offline.
    private static var gatewayExpression: String {
        """
        time() - clamp_min(\(gatewayHeard), scalar(max(\(listening))))
          > min by \(gateway) (
            (\(CadenceRules.limitOfMachines) or \(CadenceRules.limitOfPeople) * 0 + \(longestJourney))
              unless on (household, device, convention, gateway) (
                (\(heardBeside(CadenceRules.limit))) + \(CadenceRules.limit)
                  < on \(gateway) group_left () \(gatewayHeard)
              )
          )
          and on \(gateway) count by \(gateway) (\(CadenceRules.limit)) >= 3
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
                \(CadenceRules.limitOfPeople)
                  >= on (household) group_left () (time() - \(peopleListening))
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
