/// What one figure of a series' hours usually is.
struct Usual {
    /// The median.
    var centre: Double
    /// The distance from the centre that one hour in a hundred exceeds.
    var reach: Double

    func widened(by room: (_ centre: Double) -> Double) -> Usual { Usual(centre: centre, reach: reach + room(centre)) }
    func moved(by distance: Double) -> Usual { Usual(centre: centre + distance, reach: reach) }
}

/// The hours of a history by their hour of the day, to tell whether a figure follows the day and what it usually is.
///
/// Centres are medians and reaches are quantiles, so that a few odd hours in the history do not move what is usual.
struct DayCycle {
    /// Of each hour of the history, its hour of the day.
    private let ofDay: [Int]
    /// Whether two days or more are there, without which a day cannot be told from a trend.
    private let spansDays: Bool

    /// One hour in a hundred lies farther from the centre.
    private static let quantile = 0.99
    /// How many values a median for an hour of the day is made of at least.
    private static let fewestValues = 4

    init(_ hours: ArraySlice<HourOfHistory>) {
        ofDay = hours.map { HourOfHistory.ofDay($0.number) }
        guard let first = hours.first, let last = hours.last else {
            spansDays = false
            return
        }
        spansDays = last.number - first.number >= 48
    }

    /// What is usual at `hour`, told from `figures`, one for each hour of the history or of its beginning: the same at any
    /// hour, or what it is at this hour of the day, whichever comes closer to the history.
    func usual(_ figures: some Collection<Double>, at hour: Int64) -> Usual {
        let figures = Array(figures)
        var values = figures
        let centre = Selection.median(&values)
        let flat = Usual(centre: centre, reach: reach(figures) { _ in centre })
        guard spansDays else { return flat }
        let byHour = centres(figures, otherwise: centre)
        let hourOfDay = HourOfHistory.ofDay(hour)
        guard byHour.counts[hourOfDay] >= DayCycle.fewestValues else { return flat }
        let daily = Usual(
            centre: byHour.centres[hourOfDay], reach: reach(figures) { byHour.centres[ofDay[$0]] })
        return daily.reach < flat.reach ? daily : flat
    }

    /// The median of each hour of the day, with the hours beside it: habits are not on the dot, and a few days have few hours.
    private func centres(_ figures: [Double], otherwise: Double) -> (centres: [Double], counts: [Int]) {
        var byHour = Array(repeating: [Double](), count: 24)
        for (index, figure) in figures.enumerated() { byHour[ofDay[index]].append(figure) }
        var centres = Array(repeating: otherwise, count: 24)
        var counts = Array(repeating: 0, count: 24)
        var values: [Double] = []
        for hour in 0..<24 {
            values.removeAll(keepingCapacity: true)
            for beside in [23, 0, 1] { values.append(contentsOf: byHour[(hour + beside) % 24]) }
            counts[hour] = values.count
            if !values.isEmpty { centres[hour] = Selection.median(&values) }
        }
        return (centres, counts)
    }

    private func reach(_ figures: [Double], from centre: (Int) -> Double) -> Double {
        let exceeding = max(1, figures.count - Int(DayCycle.quantile * Double(figures.count)))
        var greatest = Selection.Greatest(exceeding)
        for (index, figure) in figures.enumerated() { greatest.add((figure - centre(index)).magnitude) }
        return greatest.least
    }
}
