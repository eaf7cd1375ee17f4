/// A history's hours by their hour of the day and by their day, to tell what a figure of such an hour usually is.
///
/// Centres are medians and reaches leave the oddest days out, so that odd days in the history do not move what is usual.
struct DayCycle {
    /// The places of the history's hours, those of the same hour of the day beside each other.
    private let grouped: [Int]
    /// Where in `grouped` each hour of the day begins, and where the last one ends.
    private let begins: [Int]
    /// Of each hour of the history, which of its days it lies in, counted back from the newest hour; days without hours are none.
    private let day: [Int]
    /// Whether there are two days or more, without which a day cannot be told from a trend.
    private let spansDays: Bool

    /// How many values a median for an hour of the day is made of at least.
    private static let fewestValues = 4
    /// By how much less the history must stray from the centres of each hour of the day than from one centre, to follow the day.
    private static let worthwhile = 0.95

    init(_ history: ArraySlice<HourOfHistory>) {
        var byHour = Array(repeating: [Int](), count: 24)
        for (place, hour) in history.enumerated() { byHour[HourOfHistory.ofDay(hour.number)].append(place) }
        grouped = byHour.flatMap { $0 }
        begins = byHour.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let (first, last) = (history.first?.number ?? 0, history.last?.number ?? 0)
        spansDays = last - first >= 48
        var (number, distance) = (0, Int64(0))
        day = history.reversed().map { hour in
            let days = (last - hour.number) / 24
            if days != distance { (number, distance) = (number + 1, days) }
            return number
        }.reversed()
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
        guard spansDays else { return flat }
        let grouped = grouped.map { figures[$0] }
        let daily = Centres(flat: flat.flat, byHour: byHour(grouped, otherwise: flat.flat))
        return strays(grouped, from: daily) < DayCycle.worthwhile * strays(grouped, from: flat) ? daily : flat
    }

    /// The median of each hour of the day, with the hours beside it: habits are not on the dot, and a few days have few hours.
    private func byHour(_ grouped: [Double], otherwise: Double) -> [Double] {
        var values: [Double] = []
        return (0..<24).map { hour in
            values.removeAll(keepingCapacity: true)
            for beside in [(hour + 23) % 24, hour, (hour + 1) % 24] {
                values += grouped[begins[beside]..<begins[beside + 1]]
            }
            return values.count < DayCycle.fewestValues ? otherwise : Selection.median(&values)
        }
    }

    /// How far all of the figures together are from their centres.
    private func strays(_ grouped: [Double], from centres: Centres) -> Double {
        var sum = 0.0
        for ofDay in 0..<24 {
            let centre = centres[Int64(ofDay)]
            for figure in grouped[begins[ofDay]..<begins[ofDay + 1]] { sum += (figure - centre).magnitude }
        }
        return sum
    }

    /// How far a figure comes on a day that is still usual: each day counts with the greatest of its `distances`, which are
    /// one for each hour of the history or more, and of the days the oddest are left out.
    func reach(_ distances: [Double], withoutOddest share: Double) -> Double {
        var greatest: [Double?] = Array(repeating: nil, count: (day.first ?? -1) + 1)
        for (distance, day) in zip(distances, day) { greatest[day] = max(greatest[day] ?? distance, distance) }
        let distances = greatest.compactMap { $0 }
        var oddest = Selection.Greatest(1 + Int(share * Double(distances.count)))
        for distance in distances { oddest.add(distance) }
        return max(0, oddest.least)
    }
}
