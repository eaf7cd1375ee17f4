import PromQL
import Readings

/// A source with what the rules of a group have made in this very cycle laid over it, so that each rule sees what those
/// before it wrote although it is only written once all have been evaluated.
struct CycleSource: SeriesSource {
    private let base: any SeriesSource
    /// By metric, which most selectors name.
    private var added: [String: [Labels: Sample]] = [:]

    init(_ base: any SeriesSource) { self.base = base }

    mutating func add(_ samples: [RuleSample]) {
        for one in samples { added[one.labels.metric, default: [:]][one.labels] = one.sample }
    }

    /// What was added and meets `matchers`.
    private func added(matching matchers: [LabelMatcher]) -> [Labels: Sample] {
        let metric = matchers.first { $0.name == LabelName.metric && $0.operator == .equal }?.value
        var found: [Labels: Sample] = [:]
        for (name, series) in added where metric == nil || metric == name {
            for (labels, sample) in series where matchers.allSatisfy({ $0.matches(labels) }) { found[labels] = sample }
        }
        return found
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let found = try base.series(matching: matchers, in: range)
        var new = added(matching: matchers)
        guard !new.isEmpty else { return found }
        var out: [any SelectedSeries] = found.map { series in
            guard let sample = new.removeValue(forKey: series.labels) else { return series }
            return CycleSeries(base: series, labels: series.labels, added: sample)
        }
        out += new.map { CycleSeries(base: nil, labels: $0.key, added: $0.value) as any SelectedSeries }
        return out.sorted { $0.labels < $1.labels }
    }
}

/// A series of the store, if it is there, with one sample more. At the same instant the new one counts.
private struct CycleSeries: SelectedSeries {
    let base: (any SelectedSeries)?
    let labels: Labels
    let added: Sample

    var unit: String? { base?.unit }
    var last: Sample? {
        guard let last = base?.last, last.time > added.time else { return added }
        return last
    }

    func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] { base?.damage(in: range) ?? [] }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        guard let base else {
            if range.contains(added.time) { _ = try body([added].span) }
            return
        }
        guard range.contains(added.time) else { return try base.forEachRun(in: range, body) }
        var wantsMore = true
        func pass(_ run: Span<Sample>) throws -> Bool {
            wantsMore = try body(run)
            return wantsMore
        }
        if range.lowerBound < added.time {
            try base.forEachRun(in: range.lowerBound...added.time.advanced(byMilliseconds: -1), pass)
        }
        guard wantsMore, try body([added].span), added.time < range.upperBound else { return }
        try base.forEachRun(in: added.time.advanced(byMilliseconds: 1)...range.upperBound, body)
    }
}
