import Foundation
import Readings

/// A silence as JSON in the outbox. README.md says what the members mean.
struct StoredSilence: Codable {
    private var kind: String
    private var household: String?
    /// Whether that is how the household's name stands in topics.
    private var byTopic: Bool?
    /// Name, operator and value of each, in turn.
    private var matchers: [String]
    private var alert: String?
    private var starts: Int64
    private var ends: Int64?
    private var author: String
    private var comment: String
    private var begun: Bool
    private var overSince: Int64?

    private init(_ silence: Silence) {
        kind = silence.kind.rawValue
        household = silence.household?.name
        if case .topicLevel = silence.household { byTopic = true }
        matchers = silence.matchers.flatMap { [$0.name, $0.operator.rawValue, $0.value] }
        alert = silence.alert
        starts = silence.starts.milliseconds
        ends = silence.ends?.milliseconds
        author = silence.author
        comment = silence.comment
        begun = silence.hasBegun
        overSince = silence.overSince?.milliseconds
    }

    private func silence(_ id: Int64) -> Silence? {
        guard let kind = Silence.Kind(rawValue: kind), matchers.count.isMultiple(of: 3) else { return nil }
        var read: [LabelMatcher] = []
        for start in stride(from: 0, to: matchers.count, by: 3) {
            guard let comparison = LabelMatcher.Operator(rawValue: matchers[start + 1]),
                let matcher = try? LabelMatcher(matchers[start], comparison, matchers[start + 2])
            else { return nil }
            read.append(matcher)
        }
        return Silence(
            id: id, kind: kind, household: household.map { byTopic == true ? .topicLevel($0) : .one($0) },
            matchers: read, alert: alert, starts: StoredNews.time(starts),
            ends: ends.map(StoredNews.time), author: author, comment: comment, hasBegun: begun,
            overSince: overSince.map { DeliveryMoment(milliseconds: max(0, $0)) })
    }

    static func text(_ silence: Silence) throws -> String {
        String(decoding: try JSONEncoder().encode(StoredSilence(silence)), as: UTF8.self)
    }

    /// About how many bytes it takes in the file.
    static func size(_ silence: Silence) -> Int { ((try? text(silence).utf8.count) ?? 0) + 16 }

    /// Nil if this is nothing that was written here.
    static func silence(_ id: Int64, _ text: String) -> Silence? {
        (try? JSONDecoder().decode(StoredSilence.self, from: Data(text.utf8)))?.silence(id)
    }
}
