import Alerting
import Readings

@testable import Delivery

/// Alerts for the tests.
enum Samples {
    /// 2026-01-02T03:04:05Z
    static let time = Timestamp(milliseconds: 1_767_323_045_000)

    /// The change of the alert `name` of `device`; each `episode` is a new time that it holds.
    static func notice(
        _ name: String = "FreezerWarm", device: String = "freezer", firing: Bool = true, episode: Int64 = 0,
        household: String = "home", labels: [Label] = [], annotations: [Label] = [], value: Double = -11.2
    ) -> AlertNotice {
        let active = time.advanced(byMilliseconds: episode * 3_600_000)
        let transition = AlertTransition(
            labels: Labels(
                [
                    Label("alertname", name), Label(LabelName.device, device), Label(LabelName.household, household),
                ] + labels),
            annotations: annotations, from: firing ? .pending : .firing, to: firing ? .firing : .inactive, value: value,
            activeAt: active, at: active.advanced(byMilliseconds: firing ? 300_000 : 900_000))
        // A change from pending to firing is always told.
        return AlertNotice(transition, secondsEastOfUTC: 7 * 3600)!
    }

    static func news(
        _ name: String = "FreezerWarm", device: String = "freezer", firing: Bool = true, labels: [Label] = [],
        annotations: [Label] = []
    ) -> News {
        let notice = notice(name, device: device, firing: firing, labels: labels, annotations: annotations)
        return News(notice, firedAt: time.advanced(byMilliseconds: 300_000))
    }

    /// The alert begins or ends at `time`.
    static func notice(
        _ name: String, device: String, firing: Bool, household: String, labels: [Label] = [],
        annotations: [Label] = [], at time: Timestamp
    ) -> AlertNotice {
        let transition = AlertTransition(
            labels: Labels(
                [
                    Label("alertname", name), Label(LabelName.device, device), Label(LabelName.household, household),
                ] + labels),
            annotations: annotations, from: firing ? .pending : .firing, to: firing ? .firing : .inactive, value: -11.2,
            activeAt: time, at: time)
        // A change from pending to firing is always told.
        return AlertNotice(transition, secondsEastOfUTC: 7 * 3600)!
    }

    static let sender = Sender(name: "hub", externalURL: "http://hub:8420", problems: [])

    static func message(_ news: [News], reminder: Bool = false, undeliveredBy: [String] = []) -> Message {
        let content: Dispatch.Content =
            reminder
            ? .reminder(news.map { Told(channel: "c", news: $0, at: .zero, time: time) })
            : .news(
                news.enumerated().map {
                    Notice(
                        id: Int64($0.offset), channel: "c", news: $0.element, created: .zero,
                        undeliveredBy: undeliveredBy)
                })
        return Message(
            dispatch: Dispatch(id: 1, channel: "c", content: content),
            time: time.advanced(byMilliseconds: 301_000), sender: sender)
    }

    static let heartbeat = Message(
        dispatch: Dispatch(id: 7, channel: "c", content: .heartbeat), time: time, sender: sender)
}
