import Readings

/// What alerts at one threshold make of the scores of many series.
struct Alarms {
    private(set) var falseAlarms = 0
    private(set) var found: [Fault.Kind: Int] = [:]
    private(set) var injected: [Fault.Kind: Int] = [:]
    /// From a fault's first wrong reading to the first one that was noticed, in minutes.
    private(set) var delays: [Fault.Kind: [Double]] = [:]
    private var sensorDays = 0.0
    private let threshold: Double

    /// An alert that is quiet for so long is over: the next one rings again.
    private static let quiet: Int64 = 6 * 3_600_000

    init(threshold: Double) { self.threshold = threshold }

    /// Takes the scores of `samples` from `begin` on.
    mutating func add(_ scores: [Double], _ samples: [Sample], from begin: Timestamp, faults: [Fault]) {
        let ringing = zip(samples, scores).filter { $0.time >= begin && $1 > threshold }.map(\.0.time)
        for (index, time) in ringing.enumerated() {
            let isNew = index == 0 || time.milliseconds(since: ringing[index - 1]) > Alarms.quiet
            if isNew, !faults.contains(where: { $0.noticeable.contains(time) }) { falseAlarms += 1 }
        }
        for fault in faults {
            injected[fault.kind, default: 0] += 1
            guard let time = ringing.first(where: { fault.noticeable.contains($0) }) else { continue }
            found[fault.kind, default: 0] += 1
            delays[fault.kind, default: []].append(
                Double(time.milliseconds(since: fault.time.lowerBound)) / 60_000)
        }
        if let last = samples.last { sensorDays += Double(last.time.milliseconds(since: begin)) / 86_400_000 }
    }

    var falseAlarmsPerYear: Double { sensorDays > 0 ? Double(falseAlarms) / sensorDays * 365 : 0 }
    var recall: Double { share(found.values.reduce(0, +), of: injected.values.reduce(0, +)) }
    var precision: Double {
        let right = found.values.reduce(0, +)
        return share(right, of: right + falseAlarms)
    }
    var delay: Double { median(delays.values.flatMap { $0 }) }

    func recall(of kind: Fault.Kind) -> Double { share(found[kind] ?? 0, of: injected[kind] ?? 0) }

    private func share(_ part: Int, of all: Int) -> Double { all > 0 ? 100 * Double(part) / Double(all) : 0 }
}
