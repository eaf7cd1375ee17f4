/// What a convention knows of the fields in its JSON.
protocol FieldRules {
    /// Whether times among the fields tell when they were measured; otherwise only what is around them does.
    var readsTimes: Bool { get }
    /// Whether the field `word` inside `path` is left out, with everything below it.
    func leavesOut(_ word: String, in path: [String]) -> Bool
    /// Whether the object `word` inside `path` is a mere envelope, whose name is no part of the metrics'.
    func isEnvelope(_ word: String, in path: [String]) -> Bool
    /// The unit in which the field comes; nil if nothing tells it.
    func unit(of metric: String, path: [String], value: Double) -> CanonicalUnit?
}

extension FieldRules {
    var readsTimes: Bool { true }
    func leavesOut(_ word: String, in path: [String]) -> Bool { false }
    func isEnvelope(_ word: String, in path: [String]) -> Bool { false }
}
