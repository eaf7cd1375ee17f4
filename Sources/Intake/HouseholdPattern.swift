/// A topic pattern such as `city/{household}/#`: which household a topic belongs to, and what is left of the topic.
///
/// Levels are literal, `+` (any), or `{household}` (exactly once); a last `#` matches the rest. What follows the
/// household's level is the topic that the decoders see, so that a device's name is the same with and without a city
/// in front of it. A pattern must be backed by the broker's access rules: whoever may publish below a household's
/// level is that household.
public struct HouseholdPattern: Sendable, Equatable {
    private enum Level: Sendable, Equatable {
        case literal(Substring)
        case any
        case household
    }

    private let levels: [Level]
    private let matchesRest: Bool

    /// Nil unless `text` has exactly one level `{household}`, something after it, and `#` at most as the last level.
    public init?(_ text: String) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        matchesRest = parts.last == "#"
        if matchesRest { parts.removeLast() }
        guard !parts.contains(where: { $0.contains("#") || ($0.contains("+") && $0 != "+") }) else { return nil }
        levels = parts.map { $0 == "{household}" ? .household : $0 == "+" ? .any : .literal($0) }
        guard levels.filter({ $0 == .household }).count == 1, matchesRest || levels.last != .household,
            !levels.contains(where: {
                if case .literal(let text) = $0 { text.contains("{") || text.contains("}") } else { false }
            })
        else { return nil }
    }

    public enum Match: Equatable, Sendable {
        case none
        /// The household, and the topic within it.
        case household(String, rest: String)
        /// The topic ends at the household's level, or names no household there.
        case incomplete
    }

    /// Whose `topic` is.
    public func match(_ topic: String) -> Match {
        // By scalars: a slash with a combining mark behind it is still a slash to the broker, and to its access rules.
        let parts = topic.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map { Substring($0) }
        var household: Substring?
        var rest: ArraySlice<Substring> = []
        for (index, level) in levels.enumerated() {
            guard index < parts.count else { return household == nil ? .none : .incomplete }
            switch level {
            case .literal(let text): guard parts[index] == text else { return .none }
            case .any: break
            case .household:
                household = parts[index]
                rest = parts[(index + 1)...]
            }
        }
        guard let household else { return .none }
        let restText = rest.joined(separator: "/")
        if household.isEmpty || restText.isEmpty { return .incomplete }
        guard matchesRest || parts.count == levels.count else { return .none }
        return .household(String(household), rest: restText)
    }
}
