/// What a convention knows of the fields in its JSON.
///
/// All but `unit(_:)` and `readsTimes` is asked once for each field of a `tree` and remembered: it may depend on what the tree is named
/// after, and on nothing else.
protocol FieldRules {
    /// Whose fields they are.
    var tree: FieldTree.Name { get }
    /// Whether times among the fields tell when they were measured; otherwise only what is around them does.
    var readsTimes: Bool { get }
    /// Whether the field `word` inside `path` is left out, with everything below it.
    func leavesOut(_ word: String, in path: [String]) -> Bool
    /// Whether the object `word` inside `path` is a mere envelope, whose name is no part of the metrics'.
    func isEnvelope(_ word: String, in path: [String]) -> Bool
    /// The unit in which the field comes.
    func unit(of metric: String, path: [String]) -> FieldUnit
    /// The unit that only a message tells; nil if this one doesn't.
    func unit(_ question: FieldUnit.Question) -> CanonicalUnit?
}

extension FieldRules {
    var readsTimes: Bool { true }
    func leavesOut(_ word: String, in path: [String]) -> Bool { false }
    func isEnvelope(_ word: String, in path: [String]) -> Bool { false }
    func unit(_ question: FieldUnit.Question) -> CanonicalUnit? { nil }
}

/// The unit in which a field comes, as far as it is the same in each message.
enum FieldUnit: Sendable {
    /// What must be asked with each message.
    enum Question: UInt8, Sendable {
        case temperature, pressure, speed
    }

    /// Nil if nothing tells it.
    case known(CanonicalUnit?)
    /// If the message doesn't tell it, the other one.
    case told(Question, otherwise: CanonicalUnit?)
    /// A battery's voltage is in mV, the mains' in V: the value shows which it is.
    case ofBatteryOrMains

    /// As it is in the message that `rules` know.
    func told(by rules: some FieldRules) -> FieldUnit {
        if case .told(let question, let otherwise) = self { .known(rules.unit(question) ?? otherwise) } else { self }
    }

    /// The unit of `value`.
    @inline(__always)
    func unit(of value: Double) -> CanonicalUnit? {
        switch self {
        case .known(let unit): unit
        case .told(_, let otherwise): otherwise
        case .ofBatteryOrMains: value.magnitude >= 1000 ? .millivolt : .volt
        }
    }
}
