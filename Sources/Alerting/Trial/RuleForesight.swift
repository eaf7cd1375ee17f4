import PromQL
import Readings

/// Knows at which of many instants a rule may find other series than before, without evaluating it at each.
///
/// Which series `a and b`, `a or b` and `a unless b` find hangs on nothing but which `a` and `b` find; so these are asked ahead. What
/// rules write can't be asked ahead: whether a series of theirs is there is known when it begins and ends, but a rule that makes more
/// of it must be evaluated at each instant.
struct RuleForesight {
    /// Nothing is known ahead.
    let isBlind: Bool
    /// Which series rules write matters, too: those; nil if none do.
    let written: WrittenNames?
    private let parts: [ForeseenPart]
    private let query: Query
    /// What the query's own parts are, if no other is asked before it: one that is foreseen, by its place, or one that looks at what rules
    /// write.
    private let operands: [Operand]
    private let recorded: [RecordedAhead]
    private let store: TrialStore
    private let options: QueryOptions
    /// What the parts answered in the piece of time that was looked at last; nil if that would be too much to keep.
    private var answers: [ForeseenAnswers]?
    private var answered = Timestamp(milliseconds: .max)...Timestamp(milliseconds: .max)

    private enum Operand {
        case foreseen(Int)
        case written(Query)
    }

    /// - Parameter prerequisites: the queries of the recording rules that are asked first, of whose series the rule sees what they would
    ///   be at its own instant.
    /// - Parameter recorded: those of them that are asked ahead, if all of them are; nil if they are not.
    /// - Parameter isAlone: whether nobody else writes its series, and they are there as soon as it has been evaluated.
    /// - Parameter writtenStays: whether what rules write is there from its begin to its end, and does not become too old between
    ///   two ticks.
    init(
        _ rule: Rule, prerequisites: [Query], recorded: [RecordedAhead]?, isAlone: Bool, writtenStays: Bool,
        store: TrialStore, options: QueryOptions
    ) {
        // Those that are asked ahead are seen as they would be at each instant.
        let operands = ((recorded == nil ? prerequisites : []) + [rule.query]).flatMap(\.setOperands)
        let isWritten = operands.map { $0.selectors.contains(where: store.mayFindLive) }
        var parts: [ForeseenPart] = []
        var own: [Operand] = []
        for (operand, isWritten) in zip(operands, isWritten) {
            own.append(isWritten ? .written(operand) : .foreseen(parts.count))
            if !isWritten { parts.append(ForeseenPart(operand, store: store, options: options)) }
        }
        let written = zip(operands, isWritten).filter(\.1).map(\.0)
        self.parts = parts
        self.operands = prerequisites.isEmpty || recorded != nil ? own : []
        self.recorded = recorded ?? []
        self.store = store
        self.options = options
        query = rule.query
        self.written = written.isEmpty ? nil : WrittenNames(written.flatMap(\.selectors))
        isBlind =
            !isAlone || !rule.hasSteadyLabels || operands.contains(where: \.isAskedAlone)
            || !written.allSatisfy { $0.isPlainSelector && $0.selectors.allSatisfy(store.findsOnlyWritten) }
            || !written.isEmpty && !writtenStays
            || recorded.map { !($0.map(\.part) + parts).allSatisfy(\.toleratesMomentary) } ?? false
    }

    /// Those of `moments` at which the rule may find other series than at the moment before; the first among them, as nothing is known
    /// of the one before it.
    /// - Throws: if the parts can't be asked for all of them.
    mutating func decisive(of moments: [Timestamp]) throws -> [Timestamp] {
        answers = nil
        guard !isBlind, let first = moments.first, let last = moments.last else { return moments }
        var changes = Array(repeating: false, count: moments.count)
        changes[0] = true
        var momentary: [String: ForeseenAnswers] = [:]
        for one in recorded {
            var marks = Array(repeating: false, count: moments.count)
            momentary[one.rule.name] = try one.recorded(one.part.mark(&marks, of: moments, momentary))
        }
        var answers: [ForeseenAnswers] = []
        for part in parts { answers.append(try part.mark(&changes, of: moments, momentary)) }
        if answers.reduce(0, { $0 + $1.count }) <= RuleForesight.mostKept {
            self.answers = answers
            answered = first...last
        }
        return moments.indices.filter { changes[$0] }.map { moments[$0] }
    }

    /// Values of a rule that are kept, at 16 bytes each.
    private static let mostKept = 1_000_000

    /// What the rule's expression gives at a moment, as far as that is known without asking; nil if it must be asked.
    func elements(at time: Timestamp) throws(PromQLError) -> [VectorElement]? {
        guard let answers, !operands.isEmpty, answered.contains(time) else { return nil }
        var found: [[VectorElement]] = []
        for operand in operands {
            switch operand {
            case .foreseen(let place): found.append(answers[place].elements(at: time))
            case .written(let query):
                guard case .vector(let elements) = try query.instant(at: time, source: store, options: options).value
                else { return nil }
                found.append(elements)
            }
        }
        return found.count == 1 ? found[0] : try query.combining(found, at: time, options: options)
    }
}

extension Rule {
    /// Whether an alert's labels are the same for as long as its series is found. A label may be made of a value, which changes with each
    /// reading. What is recorded does so, too.
    fileprivate var hasSteadyLabels: Bool {
        guard case .alerting(let rule) = self else { return false }
        return !rule.labels.contains { $0.template.source.contains("{{") }
    }
}
