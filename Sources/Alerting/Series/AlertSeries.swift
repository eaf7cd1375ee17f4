import Readings

/// The series by which rules and dashboards see alerts, as Prometheus writes them.
enum AlertSeries {
    private static let alerts = "ALERTS"
    private static let forState = "ALERTS_FOR_STATE"

    static let metrics: Set<String> = [alerts, forState]

    static func isOne(_ labels: Labels) -> Bool { metrics.contains(labels.metric) }

    /// `ALERTS` and `ALERTS_FOR_STATE` of each alert; the value of the latter is the second since which it is active.
    static func values(of alerts: [ActiveAlert]) -> [(labels: Labels, value: Double)] {
        alerts.flatMap { alert -> [(labels: Labels, value: Double)] in
            let named = alert.labels.setting(LabelName.metric, to: self.alerts)
            let seconds = Double(alert.activeAt.milliseconds.quotientRoundedDown(by: 1000))
            return [
                (named.setting(AlertLabel.state, to: alert.state.rawValue), 1),
                (alert.labels.setting(LabelName.metric, to: forState), seconds),
            ]
        }
    }
}

extension Int64 {
    fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
