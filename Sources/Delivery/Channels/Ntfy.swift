import Alerting

/// ntfy, by its JSON interface (docs.ntfy.sh, "Publish as JSON").
public struct Ntfy: HTTPFormat {
    private let url: String
    private let topic: String
    private let token: Secret?
    private let language: AlertNotice.Language
    /// What a server takes as a message; more would become an attachment.
    private static let mostBytes = 4000

    /// - Parameter url: the server's, such as `https://ntfy.sh`.
    public init(url: String, topic: String, token: Secret? = nil, language: AlertNotice.Language = .english) {
        self.url = url
        self.topic = topic
        self.token = token
        self.language = language
    }

    private struct Body: Encodable {
        var topic: String
        var title: String
        var message: String
        var priority: Int
        var tags: [String]
        var click: String?
    }

    public func call(for message: Message) -> HTTPCall {
        let text = NoticeText(message, in: language)
        let priority =
            switch text.urgency {
            case .calm: 2
            case .usual: 3
            case .firing: 4
            case .critical: 5
            }
        let lines = text.lines(fitting: Ntfy.mostBytes, language) { $0.utf8.count }
        let body = Body(
            topic: topic, title: OneLine.of(text.title, most: 200), message: lines.joined(separator: "\n"),
            priority: priority, tags: [text.isFiring ? "rotating_light" : "white_check_mark"],
            click: message.sender.externalURL)
        return .json(url, body, headers: token.map { [HTTPHeader("Authorization", "Bearer \($0.text)")] } ?? [])
    }
}
