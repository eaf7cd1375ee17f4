import Alerting
import Foundation

/// A Telegram bot (core.telegram.org/bots/api, `sendMessage`).
public struct Telegram: HTTPFormat {
    private let url: String
    private let token: Secret
    private let chat: String
    private let language: AlertNotice.Language
    /// Characters of a message, counted as UTF-16.
    private static let most = 4000

    /// - Parameter url: of the service, or of one's own server for bots.
    public init(
        url: String = "https://api.telegram.org", token: Secret, chat: String, language: AlertNotice.Language = .english
    ) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        self.chat = chat
        self.language = language
    }

    private struct Body: Encodable {
        var chat: String
        var text: String
        var mode = "HTML"
        /// Left out unless it is to come without a sound.
        var isSilent: Bool?

        enum CodingKeys: String, CodingKey {
            case text
            case isSilent = "disable_notification"
            case chat = "chat_id"
            case mode = "parse_mode"
        }
    }

    public func call(for message: Message) -> HTTPCall {
        let text = NoticeText(message, in: language)
        let head = (text.isFiring ? "🚨 " : "✅ ") + "<b>\(Telegram.escaped(text.title))</b>"
        // What counts is what stands there when the service has read the HTML.
        let all = text.lines(fitting: Telegram.most - text.title.utf16.count, language) { $0.utf16.count }
        let lines = (all.first == text.title ? all.dropFirst() : all[...]).map(Telegram.escaped)
        let body = Body(
            chat: chat, text: ([head] + lines).joined(separator: "\n"), isSilent: text.urgency == .calm ? true : nil)
        return .json("\(url)/bot\(token.text)/sendMessage", body)
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }

    /// What the service answers beside the status.
    private struct Answer: Decodable {
        struct Parameters: Decodable {
            var retryAfter: Int?

            enum CodingKeys: String, CodingKey {
                case retryAfter = "retry_after"
            }
        }

        var description: String?
        var parameters: Parameters?
    }

    public func outcome(of reply: HTTPReply) -> Outcome {
        guard reply.status != 200 else { return .delivered }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body))
        let reason = "HTTP \(reply.status): \(OneLine.of(answer?.description ?? reply.excerpt))"
        // 400 is also said of a chat that is not there, which a person can mend.
        if reply.status == 400, ["parse entities", "too long"].contains(where: { reason.contains($0) }) {
            return .rejected(reason)
        }
        let seconds = answer?.parameters?.retryAfter
        return .failed(reason, retryAfter: seconds.map { .seconds(max(0, $0)) })
    }
}
