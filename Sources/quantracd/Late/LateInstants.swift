import PromQL
import Readings

/// The instants of one series' late readings, and what rules go on seeing where such a reading took the place of another.
struct LateInstants: Sendable, Equatable {
    /// Ascending.
    private(set) var times: [Timestamp] = []
    /// What was there before the first late reading, where there was something.
    private(set) var before: [Timestamp: Double] = [:]

    init() {}

    /// - Parameter times: need not be in order.
    init(times: [Timestamp], before: [Timestamp: Double]) {
        self.times = Array(Set(times)).sorted()
        let known = Set(self.times)
        self.before = before.filter { known.contains($0.key) }
    }

    var isEmpty: Bool { times.isEmpty }

    /// Takes in what came later, in the order in which it came: at an instant that is known the first reading has been put
    /// aside already.
    mutating func add(_ later: [(time: Timestamp, before: Double?)]) {
        var new: Set<Timestamp> = []
        for one in later where !contains(one.time) && new.insert(one.time).inserted {
            if let value = one.before { before[one.time] = value }
        }
        merge(new)
    }

    /// Takes in what came earlier, and therefore knows better what was there.
    mutating func add(earlier: LateInstants) {
        for time in earlier.times { before[time] = earlier.before[time] }
        merge(Set(earlier.times.filter { !contains($0) }))
    }

    /// So few are put in their places one by one.
    private static let few = 8

    private mutating func merge(_ new: Set<Timestamp>) {
        guard new.count > LateInstants.few else {
            for time in new { times.insert(time, at: place(notBefore: time)) }
            return
        }
        times = (times + new).sorted()
    }

    func contains(_ time: Timestamp) -> Bool {
        let place = place(notBefore: time)
        return place < times.count && times[place] == time
    }

    /// The first place at which an instant is not before `time`.
    private func place(notBefore time: Timestamp) -> Int {
        times.partitioningIndex(where: { $0 >= time })
    }

    /// Those in `range`, as places in `times`.
    func places(in range: ClosedRange<Timestamp>) -> Range<Int> {
        let first = place(notBefore: range.lowerBound)
        return first..<max(first, times.partitioningIndex(where: { $0 > range.upperBound }))
    }

    /// Forgets the oldest, through `time`. Returns how many there were.
    mutating func remove(through time: Timestamp) -> Int {
        let count = times.partitioningIndex(where: { $0 > time })
        guard count > 0 else { return 0 }
        for one in times[..<count] where !before.isEmpty { before[one] = nil }
        times.removeSubrange(..<count)
        return count
    }

    /// The samples of `run` that rules see, or nil if these are all of it.
    func seen(of run: Span<Sample>) -> [Sample]? {
        guard run.count > 0 else { return nil }
        let late = places(in: run[0].time...run[run.count - 1].time)
        guard !late.isEmpty else { return nil }
        var next = late.lowerBound
        var seen: [Sample] = []
        seen.reserveCapacity(run.count)
        for index in run.indices {
            let sample = run[index]
            while next < late.upperBound, times[next] < sample.time { next += 1 }
            guard next < late.upperBound, times[next] == sample.time else {
                seen.append(sample)
                continue
            }
            if let value = before[sample.time] { seen.append(Sample(time: sample.time, value: value)) }
        }
        return seen
    }
}
