import PromQL
import Readings

/// Which series a request is about, and over which time: the parameters `match[]`, `start` and `end`.
struct SeriesChoice: Sendable {
    /// A series must meet all of any one of these; never empty.
    var selectors: [[LabelMatcher]]
    var range: ClosedRange<Timestamp>

    /// - Parameter required: Whether `match[]` must be there; without it every series is meant.
    init(_ parameters: FormParameters, matchRequired required: Bool) throws {
        selectors = try parameters.selectors()
        if selectors.isEmpty {
            guard !required else { throw APIError.badData("no match[] parameter provided") }
            selectors = [[]]
        }
        let start = try parameters.time("start") ?? APITime.earliest
        let end = try parameters.time("end") ?? APITime.latest
        guard start <= end else {
            throw APIError.invalidParameter("end", "end timestamp must not be before start time")
        }
        range = start...end
    }

    /// The series of `source`, each once, sorted by labels.
    func series(of source: any SeriesSource) throws -> [any SelectedSeries] {
        if selectors.count == 1 { return try source.series(matching: selectors[0], in: range) }
        var found: [Labels: any SelectedSeries] = [:]
        for selector in selectors {
            for series in try source.series(matching: selector, in: range) { found[series.labels] = series }
        }
        return found.values.sorted { $0.labels < $1.labels }
    }
}
