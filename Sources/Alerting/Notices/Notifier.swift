/// Somebody who is to hear of alerts: a broker, a webhook, a log.
public protocol Notifier: Sendable {
    /// Passes on a notice. It returns once the notice is handed over, or has been given up and that been logged.
    func notify(_ notice: AlertNotice) async
}
