import Readings

/// The series by which rules and dashboards see alerts, as Prometheus writes them, and who was told of them.
public enum AlertSeries {
    private static let alerts = "ALERTS"
    static let forState = "ALERTS_FOR_STATE"
    private static let told = "ALERTS_TOLD"

    /// Those that go on as long as an alert is active, and then end.
    static let lasting: Set<String> = [alerts, forState]
    static let metrics = lasting.union([told])

    static func isOne(_ labels: Labels) -> Bool { metrics.contains(labels.metric) }

    /// `ALERTS_TOLD`: a sample each time that somebody is told of an alert.
    ///
    /// - Parameters:
    ///   - alert: its labels.
    ///   - channel: of `alerts.notify`; becomes the label `notify`. Devices may have a `channel` of their own.
    ///   - isFiring: `alertstate` is `firing`, or `resolved`.
    public static func told(of alert: Labels, channel: String, isFiring: Bool) -> Labels {
        alert.setting(LabelName.metric, to: told).setting("notify", to: channel)
            .setting(AlertLabel.state, to: isFiring ? "firing" : "resolved")
    }

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
