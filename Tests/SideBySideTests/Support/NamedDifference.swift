/// Where our answer is not that of Debian's Prometheus 2.42, on purpose: what it speaks is of 2023, and ours that of 3.14.
enum NamedDifference: String, CaseIterable {
    /// Names are taken off at the very end here (3.x with `promql-delayed-name-removal`), so that what differs by its name alone
    /// stays apart where 2.42 sees the same labels twice.
    case delayedNameRemoval
    /// 3.x takes any UTF-8 text as the name of a label.
    case labelNames
    /// Where a series begins within the window, 3.x extends it by half a gap, but not to before a counter would have been zero
    /// (prometheus#13725); 2.42 cut it at zero first, and then took half a gap all the same.
    case extensionOfCounters

    /// Why they may differ; nil if nothing explains it.
    init?(_ query: String, _ ours: Answer, _ theirs: Answer) {
        switch (ours, theirs) {
        case (.values, .error(let why)) where why.contains("same labelset"): self = .delayedNameRemoval
        case (.values, .error(let why)) where why.contains("invalid destination label name"): self = .labelNames
        case (.values, .values)
        where (query.hasPrefix("rate(") || query.hasPrefix("increase("))
            && ours.difference(from: theirs, tolerance: 0.01) == nil:
            self = .extensionOfCounters
        default: return nil
        }
    }
}
