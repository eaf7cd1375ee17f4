import Alerting
import Foundation
import Readings

/// News as JSON in the outbox. README.md says what the members mean.
struct StoredNews: Codable, Equatable {
    private var labels: [String: String]
    /// Names and values in turn, since their order is the rule's.
    private var annotations: [String]
    private var firing: Bool
    /// As text: JSON has no infinity.
    private var value: String
    private var activeAt: Int64
    private var firedAt: Int64
    private var at: Int64
    private var cause: String
    private var offset: Int?

    init(_ news: News) {
        let transition = news.notice.transition
        labels = Dictionary(transition.labels.sorted.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        annotations = transition.annotations.flatMap { [$0.name, $0.value] }
        firing = news.isFiring
        value = transition.value.description
        activeAt = transition.activeAt.milliseconds
        firedAt = news.firedAt.milliseconds
        at = transition.at.milliseconds
        cause = transition.cause.rawValue
        offset = news.notice.secondsEastOfUTC
    }

    /// Nil if this is nothing that was written here.
    var news: News? {
        guard let cause = AlertTransition.Cause(rawValue: cause), let value = Double(value),
            annotations.count.isMultiple(of: 2)
        else { return nil }
        let pairs = stride(from: 0, to: annotations.count, by: 2).map { Label(annotations[$0], annotations[$0 + 1]) }
        let transition = AlertTransition(
            labels: Labels(labels.map { Label($0.key, $0.value) }), annotations: pairs,
            from: firing ? .pending : .firing, to: firing ? .firing : .inactive, value: value,
            activeAt: StoredNews.time(activeAt), at: StoredNews.time(at), cause: cause)
        return AlertNotice(transition, secondsEastOfUTC: offset).map { News($0, firedAt: StoredNews.time(firedAt)) }
    }

    /// A time that can be written with four digits of the year, whatever a damaged file says.
    static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: min(max(-62_135_596_800_000, milliseconds), 253_402_300_799_999))
    }

    static func text(_ news: News) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(StoredNews(news)), as: UTF8.self)
    }

    static func news(_ text: String) -> News? {
        (try? JSONDecoder().decode(StoredNews.self, from: Data(text.utf8)))?.news
    }
}
