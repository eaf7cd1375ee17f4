import PromQL
import Readings

/// What a part of an expression answers in a piece of time: of each series when its value becomes another one.
struct ForeseenAnswers {
    private(set) var series: [(labels: Labels, values: [Sample])] = []
    private var places: [Labels: Int] = [:]
    private(set) var count = 0

    /// From then on it is not there.
    static let absent = Double(bitPattern: StalenessMarker.bitPattern)

    /// - Parameter values: ascending; what is known of the series already lies before them, the last of it at their first at most.
    mutating func add(_ labels: Labels, _ values: [Sample]) {
        count += values.count
        guard let place = places[labels] else {
            places[labels] = series.count
            series.append((labels, values))
            return
        }
        series[place].values += values
    }

    func elements(at time: Timestamp) -> [VectorElement] {
        series.compactMap { labels, values in
            let place = values.partitioningIndex(where: { $0.time > time })
            guard place > 0, !StalenessMarker.isMarker(values[place - 1].value) else { return nil }
            return VectorElement(labels: labels, sample: Sample(time: time, value: values[place - 1].value))
        }
    }

    /// Of the series with these labels.
    func values(of labels: Labels) -> [Sample] { places[labels].map { series[$0].values } ?? [] }

    /// The same with other labels; nil if two series would have the same.
    func relabelled(_ change: (Labels) -> Labels) -> ForeseenAnswers? {
        var out = ForeseenAnswers()
        for (labels, values) in series {
            let labels = change(labels)
            guard out.places[labels] == nil else { return nil }
            out.add(labels, values)
        }
        return out
    }

    /// Takes up what is answered from `start` on, in which all that begins there is said again.
    mutating func follow(with next: ForeseenAnswers, from start: Timestamp) {
        for place in series.indices {
            guard let last = series[place].values.last, !StalenessMarker.isMarker(last.value) else { continue }
            let first = next.values(of: series[place].labels).first
            guard first?.time != start else { continue }
            series[place].values.append(Sample(time: start, value: ForeseenAnswers.absent))
            count += 1
        }
        for (labels, values) in next.series {
            let last = places[labels].flatMap { series[$0].values.last }
            let goesOn = last.map { $0.value.bitPattern == values.first?.value.bitPattern } ?? false
            add(labels, goesOn && values.first?.time == start ? Array(values.dropFirst()) : values)
        }
    }

    /// Forgets what was answered before `time`, but for what still holds then.
    mutating func forget(before time: Timestamp) {
        for place in series.indices {
            let holding = series[place].values.partitioningIndex(where: { $0.time > time }) - 1
            guard holding > 0 else { continue }
            series[place].values.removeFirst(holding)
            count -= holding
        }
    }
}
