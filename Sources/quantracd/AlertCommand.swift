import Delivery
import Foundation
import PromQL
import Readings

/// What a message on `quantrac/alerts/<household>/command` asks for.
///
/// `{"acknowledge": ALERT}`, `{"snooze": ALERT, "for": "1h"}`, `{"silence": {"matchers": ["device=\"freezer\""], "for": "2h"}}` or
/// `{"unsilence": NUMBER}`, where ALERT is a name or a fingerprint; `by` and `comment` may stand beside.
enum AlertCommand: Sendable {
    case silence(SilenceRequest)
    case end(Int64)

    /// The topic's parts before and behind the household.
    private static let topic = (head: "quantrac/alerts/", tail: "/command")
    /// What is subscribed to.
    static let filter = topic.head + "+" + topic.tail
    static let mostBytes = 8 << 10

    /// Whose commands come on `topic`; nil if it is none for commands.
    static func households(of topic: String) -> HouseholdScope? {
        guard topic.hasPrefix(Self.topic.head), topic.hasSuffix(Self.topic.tail) else { return nil }
        let name = topic.dropFirst(Self.topic.head.count).dropLast(Self.topic.tail.count)
        guard !name.isEmpty, !name.contains("/") else { return nil }
        return HouseholdScope(ofTopicLevel: String(name))
    }

    /// Why a message is no command.
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameters:
    ///   - household: whose alerts alone may be meant.
    ///   - now: what `for` counts from.
    init(_ payload: [UInt8], household: HouseholdScope, now: Timestamp) throws(Fault) {
        guard payload.count <= AlertCommand.mostBytes else {
            throw Fault(description: "longer than \(AlertCommand.mostBytes) bytes")
        }
        let message: Message
        do {
            message = try JSONDecoder().decode(Message.self, from: Data(payload))
        } catch {
            throw Fault(description: AlertCommand.inWords(error))
        }
        switch (message.acknowledge, message.snooze, message.silence, message.unsilence) {
        case (let alert?, nil, nil, nil):
            self = .silence(
                SilenceRequest(
                    kind: .acknowledge, alert: alert, household: household, author: message.by ?? "",
                    comment: message.comment ?? ""))
        case (nil, let alert?, nil, nil):
            self = .silence(
                SilenceRequest(
                    kind: .snooze, alert: alert, household: household,
                    ends: try AlertCommand.end(message.duration, now), author: message.by ?? "",
                    comment: message.comment ?? ""))
        case (nil, nil, let silence?, nil):
            self = .silence(
                SilenceRequest(
                    kind: .silence, alert: silence.alert, matchers: try AlertCommand.matchers(silence.matchers ?? []),
                    household: household, ends: try AlertCommand.end(silence.duration ?? message.duration, now),
                    author: silence.by ?? message.by ?? "", comment: silence.comment ?? message.comment ?? ""))
        case (nil, nil, nil, let id?): self = .end(id)
        default: throw Fault(description: "must have one of acknowledge, snooze, silence and unsilence")
        }
    }

    private struct Message: Decodable {
        var acknowledge: String?
        var snooze: String?
        var silence: Wish?
        var unsilence: Int64?
        var duration: String?
        var by: String?
        var comment: String?

        enum CodingKeys: String, CodingKey {
            case acknowledge, snooze, silence, unsilence, by, comment
            case duration = "for"
        }
    }

    private struct Wish: Decodable {
        var alert: String?
        var matchers: [String]?
        var duration: String?
        var by: String?
        var comment: String?

        enum CodingKeys: String, CodingKey {
            case alert, matchers, by, comment
            case duration = "for"
        }
    }

    /// What is wrong with a message that is not as it should be.
    private static func inWords(_ error: any Error) -> String {
        let example =
            #"must be JSON such as {"acknowledge": "FreezerWarm"} or {"snooze": "FreezerWarm", "for": "1h"}"#
        guard case .typeMismatch(let wanted, let context)? = error as? DecodingError, !context.codingPath.isEmpty
        else { return example }
        let place = context.codingPath.reduce(into: "") { path, key in
            path += key.intValue.map { "[\($0)]" } ?? ((path.isEmpty ? "" : ".") + key.stringValue)
        }
        return "\(place): must be \(words(for: wanted, as: context.codingPath.last?.stringValue))"
    }

    private static func words(for type: any Any.Type, as key: String?) -> String {
        if key == Message.CodingKeys.duration.rawValue { return #"a text such as "1h""# }
        return switch type {
        case is String.Type: "a text, in quotes"
        case is [String].Type, is [Any].Type: #"a list such as ["device=\"freezer\""]"#
        case is Int64.Type: "a whole number"
        default: #"an object such as {"matchers": ["device=\"freezer\""], "for": "2h"}"#
        }
    }

    private static func end(_ text: String?, _ now: Timestamp) throws(Fault) -> Timestamp {
        guard let duration = text.flatMap(Duration.init(configurationText:)) else {
            throw Fault(description: "must say how long, such as \"for\": \"1h\"")
        }
        return now.advanced(byMilliseconds: duration.wholeMilliseconds)
    }

    private static func matchers(_ texts: [String]) throws(Fault) -> [LabelMatcher] {
        do {
            return try parseMatchers(texts)
        } catch {
            throw Fault(description: "matchers: \(error.description)")
        }
    }
}
