import Readings

/// The rules behind `silent:`. Each device is measured by its own rhythm, which is learned (``CadenceRules``), and a gateway that
/// takes its devices with it is one alert.
///
/// How long a device has been silent counts from its last reading, but not from before the daemon began to listen without a pause
/// or before its gateway came back: what nobody could hear is no silence. An alert that fires already is not held up by that.
struct SilenceRules: Sendable {
    var selection: SensorSelection
    /// What the alert is called.
    var name: String
    /// Nil: learned.
    var limitMilliseconds: Int64?

    /// A device that was not heard for so long is forgotten.
    static let memory = "30d"
    /// A pause in the evaluations that is longer counts as not having listened.
    private static let pause = "3m"
    /// The evaluations must follow each other faster than that.
    static let longestIntervalMilliseconds: Int64 = 120_000

    static let gatewayAlert = "GatewaySilent"
    private static let listening = "sensors:listening_since"
    private static let gatewayHeard = "gateway:heard"
    private static let gatewayListening = "gateway:listening_since"
    private static let gateway = "(household, convention)"

    /// Metrics that are readings, not what rules and the daemon say of them.
    static let readings: [LabelMatcher] = {
        let others = try? LabelMatcher(LabelName.metric, .doesNotMatch, "ALERTS.*|device_(info|available)|.*:.*")
        return others.map { [$0] } ?? []
    }()

    /// What a file needs once, before its first alert of silence.
    static var shared: [PlainRule] {
        [
            PlainRule(
                kind: .record, name: listening, expression: "last_over_time(\(listening)[\(pause)]) or vector(time())"),
            PlainRule(kind: .record, name: gatewayHeard, expression: gatewayHeardExpression),
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
        ]
    }

    func rules(hold: Int64) -> [PlainRule] {
        let age = "time() - \(SilenceRules.heard(selection))"
        let fires = "last_over_time(ALERTS{" + firing + "}[1h])"
        let expression: String
        if let limitMilliseconds {
            let limit = SensorRule.number(Double(limitMilliseconds) / 1000)
            expression = """
                \(age) > \(limit)
                  and on \(SensorSelection.identity) (
                    \(SilenceRules.heard(selection)) * 0 + time() - scalar(max(\(SilenceRules.listening))) > \(limit)
                      or
                    \(fires)
                  )
                """
        } else {
            expression = """
                \(age)
                  > on \(SensorSelection.identity) \(CadenceRules.limitOfDevice)
                  and on \(SensorSelection.identity) (
                    \(CadenceRules.limit)
                      < on \(SilenceRules.gateway) group_left () (time() - \(SilenceRules.gatewayListening))
                      or
                    \(fires)
                  )
                """
        }
        return [
            PlainRule(
                name: name, expression: expression, holdMilliseconds: hold,
                annotations: SensorTexts.annotations(
                    of: SensorRule(selection: selection, condition: .silent(milliseconds: limitMilliseconds))))
        ]
    }

    private var firing: String {
        [LabelMatcher(AlertLabel.name, equals: name), LabelMatcher(AlertLabel.state, equals: "firing")]
            .map(\.description).joined(separator: ", ")
    }

    /// When each device said something last, as Unix seconds.
    static func heard(_ selection: SensorSelection) -> String {
        "max by \(SensorSelection.identity) (ts_of_last_over_time(\(selection.selector())[\(memory)]))"
    }

    static let allDevices = SensorSelection(matchers: SensorSelection.anyDevice + readings)

    // MARK: Gateways

    /// When each device was heard, with the convention by which gateways are told apart.
    private static var heardByGateway: String {
        "(\(CadenceRules.limit) * 0 + on \(SensorSelection.identity) group_left () \(heard(allDevices)))"
    }

    private static var gatewayHeardExpression: String { "max by \(gateway) \(heardByGateway)" }

    /// At least three devices, and none of those that were alive at the last word of any has kept its own rhythm since.
    private static var gatewayExpression: String {
        """
        time() - clamp_min(\(gatewayHeard), scalar(max(\(listening))))
          > min by \(gateway) (
            \(CadenceRules.limit)
              unless on (household, device, convention) (
                \(heardByGateway) + \(CadenceRules.limit)
                  < on \(gateway) group_left () \(gatewayHeard)
              )
          )
          and on \(gateway) count by \(gateway) (\(CadenceRules.limit)) >= 3
          or
        time() - \(gatewayHeard)
          and on \(gateway) last_over_time(ALERTS{alertname="\(gatewayAlert)", alertstate="firing"}[1h])
          and on \(gateway) \(gatewayHeard) < last_over_time(\(gatewayListening)[\(memory)])
        """
    }
}
