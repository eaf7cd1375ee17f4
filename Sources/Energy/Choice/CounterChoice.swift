import Readings

/// A series of a device, as far as the choice of its counter goes.
public struct CounterCandidate: Hashable, Sendable {
    public var labels: Labels
    public var unit: String?

    public init(labels: Labels, unit: String?) {
        self.labels = labels
        self.unit = unit
    }
}

/// Which series of a device is its counter, by unit and name.
///
/// Registers that start anew each day, counters of the other direction, of one phase or one tariff, and reactive energy are
/// none, as long as nobody asks for them by name.
public enum CounterChoice {
    /// The place of the counter in `candidates`.
    ///
    /// - Throws: ``CounterChoiceError`` that lists what there is.
    public static func choose(among candidates: [CounterCandidate]) throws(CounterChoiceError) -> Int {
        let ranked = candidates.indices.compactMap { index in
            rank(candidates[index]).map { (rank: $0, index: index) }
        }
        guard let best = ranked.map(\.rank).min() else { throw .none(candidates) }
        let fitting = ranked.filter { $0.rank == best }
        guard fitting.count == 1, let only = fitting.first else {
            throw .several(fitting.map { candidates[$0.index] })
        }
        return only.index
    }

    /// How well a series fits, 0 best; nil if it is no counter.
    static func rank(_ candidate: CounterCandidate) -> Int? {
        let words = candidate.labels.metric.lowercased().split { $0 == "_" || $0 == " " || $0 == "." || $0 == "-" }
        guard !words.contains(where: { otherWords.contains(String($0)) }) else { return nil }
        func has(_ wanted: Set<String>) -> Bool { words.contains { wanted.contains(String($0)) } }
        // The counter of a phase or a tariff is a part of one; but Shelly has a sum of the phases beside those of a, b and c.
        let isPart = has(["tariff"]) || has(phaseWords) && !has(["total"])
        switch candidate.unit {
        case "kWh":
            if isPart { return 4 }
            return has(totalWords) ? 0 : has(["energy"]) ? 1 : 2
        case "m3", "L":
            guard !has(flowWords) else { return nil }
            if isPart { return 4 }
            return has(totalWords) ? 0 : has(volumeWords) ? 1 : 3
        case nil, "1":
            guard has(pulseWords) else { return nil }
            return has(totalWords) ? 2 : 3
        default: return nil
        }
    }

    private static let totalWords: Set<String> = ["total", "totals", "index", "eactotal", "counter"]
    private static let volumeWords: Set<String> = ["volume", "consumption", "water", "gas", "meter"]
    private static let pulseWords: Set<String> = ["pulse", "pulses", "impulse", "impulses", "counter"]
    private static let flowWords: Set<String> = ["flow", "rate", "capacity", "tank", "level"]
    private static let phaseWords: Set<String> = ["a", "b", "c", "n", "l1", "l2", "l3"]
    private static let otherWords: Set<String> = [
        "today", "yesterday", "daily", "day", "week", "weekly", "month", "monthly", "year", "yearly", "hour", "hourly",
        "period", "last", "previous", "current", "export", "exported", "ret", "return", "returned", "produced",
        "production", "generated", "reactive", "apparent", "limit", "max", "min", "price", "cost", "remaining",
    ]
}

/// Why there is no choice.
public enum CounterChoiceError: Error, Equatable, CustomStringConvertible {
    /// None of these is a counter.
    case none([CounterCandidate])
    /// These fit equally well.
    case several([CounterCandidate])

    public var description: String {
        switch self {
        case .none(let candidates) where candidates.isEmpty: "there are no such readings"
        case .none(let candidates):
            "none of the metrics is known as a counter of energy, volume or pulses: choose one with 'metric', of "
                + CounterChoiceError.list(candidates)
        case .several(let candidates):
            "several metrics fit: choose one with 'metric', of " + CounterChoiceError.list(candidates)
        }
    }

    private static func list(_ candidates: [CounterCandidate]) -> String {
        let shown = candidates.prefix(20).map { one in
            let own = one.labels.setting(LabelName.household, to: nil).setting(LabelName.device, to: nil)
            return own.description + (one.unit.map { " [\($0)]" } ?? "")
        }
        return shown.joined(separator: ", ") + (candidates.count > 20 ? ", …" : "")
    }
}
