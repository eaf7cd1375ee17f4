import Readings

/// The periods of an answer, into which consumption is entered.
struct PeriodLedger {
    private(set) var periods: [PeriodConsumption]
    /// Where the latest reading was: the next one is mostly there, too.
    private var recent = 0

    /// - Parameter edges: ascending; one more than there are periods.
    init(edges: [Timestamp]) {
        periods = zip(edges, edges.dropFirst()).map { PeriodConsumption(start: $0, end: $1) }
    }

    /// A split is taken as exact if the pause in which the edge lies is no longer than this part of the period.
    static let exactFraction: Int64 = 20

    /// Enters `amount`, spread evenly over the time between two readings.
    mutating func add(_ amount: Double, from: Timestamp, to: Timestamp) {
        guard amount != 0, let first = periods.first, to > first.start else { return }
        let length = to.milliseconds(since: from)
        guard length > 0 else { return }
        var position = index(of: max(from, first.start))
        while let index = position, periods[index].start < to {
            let period = periods[index]
            let overlap = min(to, period.end).milliseconds(since: max(from, period.start))
            let isWhole = overlap == length
            let share = isWhole ? amount : amount * (Double(overlap) / Double(length))
            periods[index].consumption += share
            if !isWhole, length > period.length / PeriodLedger.exactFraction { periods[index].estimated += share }
            position = index + 1 < periods.count ? index + 1 : nil
        }
    }

    /// Notes a good reading, taken from a step of so many milliseconds, or 0.
    mutating func record(_ sample: Sample, step: Int64) {
        guard let index = index(of: sample.time) else { return }
        if periods[index].first == nil { periods[index].first = sample }
        periods[index].last = sample
        periods[index].coarsestStep = max(periods[index].coarsestStep, step)
    }

    mutating func note(_ event: CounterEvent) {
        guard let index = index(of: event.after.time) else { return }
        periods[index].eventCount += 1
        if periods[index].events.count < PeriodConsumption.mostEvents { periods[index].events.append(event) }
    }

    /// Says of which time the counter is known.
    mutating func know(_ range: ClosedRange<Timestamp>) {
        for index in periods.indices {
            let (start, end) = (max(periods[index].start, range.lowerBound), min(periods[index].end, range.upperBound))
            // An instant at the edge tells nothing of the period.
            if start < end { periods[index].known = start...end }
        }
    }

    /// The period that `time` is in.
    private mutating func index(of time: Timestamp) -> Int? {
        if recent < periods.count, periods[recent].start <= time, time < periods[recent].end { return recent }
        let found = periods.partitioningIndex(where: { $0.end > time })
        guard found < periods.count, periods[found].start <= time else { return nil }
        recent = found
        return found
    }
}
