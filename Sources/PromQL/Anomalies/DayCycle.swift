/// A history's hours by their hour of the day and by their day, to tell what a figure of such an hour usually is.
///
/// Centres are medians and reaches leave the oddest days out, so that odd days in the history do not move what is usual.
struct DayCycle {
    /// The places of the history's hours, those of the same hour of the day beside each other.
    private let grouped: [Int]
    /// Where in `grouped` each hour of the day begins, and where the last one ends.
    private let begins: [Int]
    /// Of each hour of the history, how many days it lies before the newest one.
    private let day: [Int]
    private let days: Int

    /// On one day in five a figure may be farther from its centre than its reach.
    private static let oddDays = 0.2
    /// How many values a median for an hour of the day is made of at least.
    private static let fewestValues = 4
    /// By how much less the history must stray from the centres of each hour of the day than from one centre, to follow the day.
    private static let worthwhile = 0.95

    init(_ history: ArraySlice<HourOfHistory>) {
        var byHour = Array(repeating: [Int](), count: 24)
        for (place, hour) in history.enumerated() { byHour[HourOfHistory.ofDay(hour.number)].append(place) }
        grouped = byHour.flatMap { $0 }
        begins = byHour.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let last = history.last?.number ?? 0
        day = history.map { Int((last - $0.number) / 24) }
        days = Set(day).count
    }

    /// What a figure's centre is at any hour.
    struct Centres {
        fileprivate var flat: Double
        fileprivate var byHour: [Double]?

        subscript(hour: Int64) -> Double { byHour?[HourOfHistory.ofDay(hour)] ?? flat }
    }

    /// The centres of `figures`, one for each hour of the history and maybe of hours behind it, which do not count: the same at
    /// any hour or one for each hour of the day, whichever is closer to the history.
    func centres(_ figures: [Double]) -> Centres {
        var values = Array(figures.prefix(day.count))
        let flat = Centres(flat: values.isEmpty ? 0 : Selection.median(&values), byHour: nil)
        // Without two days a day cannot be told from a trend.
        guard let oldest = day.first, oldest >= 2 else { return flat }
        let daily = Centres(flat: flat.flat, byHour: byHour(figures, otherwise: flat.flat))
        let distances = distances(figures, from: flat, daily)
        return distances.daily < DayCycle.worthwhile * distances.flat ? daily : flat
    }

    /// The median of each hour of the day, with the hours beside it: habits are not on the dot, and a few days have few hours.
    private func byHour(_ figures: [Double], otherwise: Double) -> [Double] {
        var values: [Double] = []
        return (0..<24).map { hour in
            values.removeAll(keepingCapacity: true)
            for beside in [23, 0, 1] {
                let ofDay = (hour + beside) % 24
                for place in grouped[begins[ofDay]..<begins[ofDay + 1]] { values.append(figures[place]) }
            }
            return values.count < DayCycle.fewestValues ? otherwise : Selection.median(&values)
        }
    }

    private func distances(_ figures: [Double], from flat: Centres, _ daily: Centres) -> (flat: Double, daily: Double) {
        var sums = (flat: 0.0, daily: 0.0)
        for ofDay in 0..<24 {
            let centre = daily[Int64(ofDay)]
            for place in grouped[begins[ofDay]..<begins[ofDay + 1]] {
                sums.flat += (figures[place] - flat.flat).magnitude
                sums.daily += (figures[place] - centre).magnitude
            }
        }
        return sums
    }

    /// How far a figure comes on a day that is still usual: each day counts with the greatest of its `distances`, which are
    /// one for each hour of the history or more, and the oddest days are left out.
    func reach(_ distances: [Double]) -> Double {
        var greatest: [Double?] = Array(repeating: nil, count: (day.first ?? -1) + 1)
        for (distance, day) in zip(distances, day) { greatest[day] = max(greatest[day] ?? distance, distance) }
        var oddest = Selection.Greatest(1 + Int(DayCycle.oddDays * Double(days)))
        for distance in greatest { if let distance { oddest.add(distance) } }
        return max(0, oddest.least)
    }
}
