import Readings

/// The series that meet a selector's matchers, for one that is asked again and again: what was found stays found, since no
/// series ever loses or changes its labels, and only those that are new are looked at.
struct SeriesSelection: Sendable {
    let matchers: [LabelMatcher]
    /// Sorted by their labels.
    private(set) var series: [SeriesRef] = []
    /// Those of `series` with their labels, if that is wanted; one whose labels were lost to damage is left out.
    private(set) var labelled: [LabelledSeries] = []
    private let keepsLabels: Bool
    /// The series that were looked at are those below this number.
    private var seen = 0

    init(_ matchers: [LabelMatcher], keepsLabels: Bool = false) {
        self.matchers = matchers
        self.keepsLabels = keepsLabels
    }

    /// Whether `catalogue` has series that were not looked at.
    func isBehind(_ catalogue: Catalogue) -> Bool { seen < catalogue.series.count }

    /// Whether `other`, of the same matchers, has looked at more series.
    func isBehind(_ other: SeriesSelection) -> Bool { seen < other.seen }

    /// Takes up what is new in `catalogue`. An older one changes nothing.
    ///
    /// Costs as much as `Catalogue.series(matching:)` the first time, and a comparison after that while no series is new.
    ///
    /// - Returns: how many series were added.
    mutating func follow(_ catalogue: Catalogue, _ values: inout SortedValues) -> Int {
        guard isBehind(catalogue) else { return 0 }
        let new = catalogue.series(matching: matchers, from: seen, &values)
        seen = catalogue.series.count
        guard !new.isEmpty else { return 0 }
        let all = series.isEmpty ? new : catalogue.sortedByLabels(series.map(\.index) + new)
        series = all.map(SeriesRef.init)
        if keepsLabels { labelled = catalogue.labelled(series) }
        return new.count
    }
}
