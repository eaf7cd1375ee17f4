import Alerting
import Readings

/// A webhook: JSON in the shape of Alertmanager's webhook (version 4), so that whoever understands that understands this, with
/// members of our own beside it; signed if there is a key.
public struct Webhook: HTTPFormat {
    private let url: String
    private let heartbeatURL: String
    private let key: Secret?
    private let token: Secret?
    private let receiver: String
    private let groupBy: [String]

    /// - Parameters:
    ///   - heartbeatURL: where heartbeats go; nil: to `url`.
    ///   - key: what signatures are made with; nil: nothing is signed.
    ///   - token: sent as `Authorization: Bearer …`.
    ///   - receiver: the channel's name, which the receiver is told.
    ///   - groupBy: the labels that what comes together has in common.
    public init(
        url: String, heartbeatURL: String? = nil, key: Secret?, token: Secret? = nil, receiver: String,
        groupBy: [String]
    ) {
        self.url = url
        self.heartbeatURL = heartbeatURL ?? url
        self.key = key
        self.token = token
        self.receiver = receiver
        self.groupBy = groupBy
    }

    public func call(for message: Message) -> HTTPCall {
        let body = body(of: message)
        let seconds = "\(message.time.milliseconds / 1000)"
        var headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Quantrac-Timestamp", seconds),
            HTTPHeader("Idempotency-Key", message.key),
        ]
        if let key {
            // With the time in it, so that an old message cannot be sent again by somebody else.
            let signature = SecureHash.signature(of: Array("\(seconds).".utf8) + body, key: Array(key.text.utf8))
            headers.append(HTTPHeader("X-Quantrac-Signature", "sha256=\(signature)"))
        }
        if let token { headers.append(HTTPHeader("Authorization", "Bearer \(token.text)")) }
        return HTTPCall(url: message.isHeartbeat ? heartbeatURL : url, headers: headers, body: body)
    }

    private func body(of message: Message) -> [UInt8] {
        switch message.dispatch.content {
        case .heartbeat: CompactJSON.bytes(Heartbeat(message))
        case .digest(let notice): CompactJSON.bytes(DigestBody(notice, sender: message.sender.name))
        case .news, .reminder, .released, .clearing, .restoring:
            CompactJSON.bytes(Body(message, receiver, groupBy))
        }
    }

    /// See README.md, "Webhook".
    private struct Body: Encodable {
        struct Alert: Encodable {
            var status: String
            var labels: [String: String]
            var annotations: [String: String]
            var startsAt: String
            var endsAt: String
            var generatorURL: String
            var fingerprint: String
            var key: String
            var value: Double?
            var cause: String
            var reminder: Bool
            var undeliveredBy: [String]
            var unacknowledgedOn: [String]
            var text: [String: String]
        }

        var version = "4"
        var receiver: String
        var status: String
        var groupKey: String
        var groupLabels: [String: String]
        var commonLabels: [String: String]
        var commonAnnotations: [String: String]
        var externalURL: String
        var truncatedAlerts = 0
        var alerts: [Alert]
        var sender: String

        init(_ message: Message, _ receiver: String, _ groupBy: [String]) {
            let entries = message.entries
            let labels = entries.map { Dictionary(labels: $0.news.labels.sorted) }
            let annotations = entries.map { Dictionary(labels: $0.news.notice.transition.annotations) }
            self.receiver = receiver
            status = entries.contains { $0.news.isFiring } ? "firing" : "resolved"
            commonLabels = Body.common(labels)
            commonAnnotations = Body.common(annotations)
            groupLabels = commonLabels.filter { $0.key == LabelName.household || groupBy.contains($0.key) }
            groupKey = "{}:" + CompactJSON.text(groupLabels)
            externalURL = message.sender.externalURL ?? ""
            sender = message.sender.name
            alerts = zip(entries, zip(labels, annotations)).map { entry, texts in
                let notice = entry.news.notice
                return Alert(
                    status: entry.news.isFiring ? "firing" : "resolved", labels: texts.0, annotations: texts.1,
                    startsAt: entry.news.firedAt.rfc3339,
                    // What Alertmanager says of an alert that goes on: Go's zero time.
                    endsAt: entry.news.isFiring ? "0001-01-01T00:00:00Z" : notice.transition.at.rfc3339,
                    generatorURL: "", fingerprint: entry.news.alert, key: entry.news.key,
                    value: notice.transition.value.isFinite ? notice.transition.value : nil,
                    cause: notice.transition.cause.rawValue, reminder: entry.isReminder,
                    undeliveredBy: entry.undeliveredBy, unacknowledgedOn: entry.unacknowledgedOn,
                    text: ["en": notice.text(in: .english), "vi": notice.text(in: .vietnamese)])
            }
        }

        private static func common(_ all: [[String: String]]) -> [String: String] {
            guard let first = all.first else { return [:] }
            return first.filter { member in all.allSatisfy { $0[member.key] == member.value } }
        }
    }
}

/// What a heartbeat says.
struct Heartbeat: Encodable {
    var type = "heartbeat"
    var sender: String
    var time: String
    var healthy: Bool
    var problems: [String]

    init(_ message: Message) {
        sender = message.sender.name
        time = message.time.rfc3339
        healthy = message.sender.problems.isEmpty
        problems = message.sender.problems
    }
}

extension [String: String] {
    /// Of two labels with one name the later counts.
    init(labels: [Label]) {
        self.init(labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
