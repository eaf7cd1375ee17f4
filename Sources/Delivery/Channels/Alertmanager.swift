import Alerting
import Readings

/// Alertmanager's API, version 2: `POST /api/v2/alerts`. A firing alert is sent again every minute with a later `endsAt`, so that it
/// ends by itself there if we die.
public struct Alertmanager: HTTPFormat {
    private let url: String
    private let authorization: HTTPHeader?

    /// - Parameters:
    ///   - url: such as `http://127.0.0.1:9093`.
    ///   - token: sent as `Authorization: Bearer …`.
    public init(url: String, token: Secret? = nil) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        authorization = token.map { HTTPHeader("Authorization", "Bearer \($0.text)") }
    }

    public func call(for message: Message) -> HTTPCall {
        .json(
            url + "/api/v2/alerts", message.entries.map { Alert($0.news, message) },
            headers: authorization.map { [$0] } ?? [])
    }

    private struct Alert: Encodable {
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: String
        var endsAt: String
        /// Left out if there is none: a text that is no address would have the whole batch refused.
        var generatorURL: String?

        init(_ news: News, _ message: Message) {
            let transition = news.notice.transition
            // It drops labels with empty values itself.
            labels = Dictionary(
                labels: news.labels.sorted.map { Label(Alertmanager.labelName($0.name), $0.value) })
            annotations = Dictionary(
                labels: transition.annotations.map { Label(Alertmanager.labelName($0.name), $0.value) })
            startsAt = news.firedAt.rfc3339
            let patience = 4 * max(message.sender.evaluationMilliseconds, 60_000)
            // Never before the start, even if a clock was set: that would be refused.
            let end = news.isFiring ? message.time.advanced(byMilliseconds: patience) : transition.at
            endsAt = max(end, news.firedAt).rfc3339
            generatorURL = message.sender.externalURL
        }
    }

    /// Versions before 0.27 refuse names beyond ASCII: those are written as Prometheus escapes names (`U__`, each other character
    /// as `_HEX_`, each underscore twice).
    static func labelName(_ name: String) -> String {
        func isAllowed(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": true
            case "0"..."9": !first
            default: false
            }
        }
        let scalars = name.unicodeScalars.enumerated()
        guard name.isEmpty || !scalars.allSatisfy({ isAllowed($0.element, first: $0.offset == 0) }) else { return name }
        return "U__"
            + scalars.map { offset, scalar in
                if scalar == "_" { return "__" }
                return isAllowed(scalar, first: offset == 0)
                    ? String(scalar) : "_\(String(scalar.value, radix: 16))_"
            }.joined()
    }
}
