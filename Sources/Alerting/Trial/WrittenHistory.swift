import PromQL
import Readings
import Synchronization

/// A rule of a trial, as far as it matters to those who look at what it writes.
struct TrialWriter: Sendable {
    /// Its place among all rules, group by group.
    let order: Int
    /// The instants that it stamps samples with; nil if it hands over each of them. Else those of a series that goes on are not handed
    /// over one by one: it has the same value at each tick until it is written again.
    let stamps: TickRaster?
    /// The ticks of its group, and how far its stamps lie before them.
    let ticks: TickRaster
    let lag: Int64
}

/// A series that a trial's rules write, as far as they have come: stretches of equal values.
final class WrittenHistory: Sendable {
    let labels: Labels
    private let state = Mutex(State())

    private struct State {
        var stretches: [Stretch] = []
        var writer: TrialWriter?
        /// Whether several rules write it.
        var isShared = false
        /// Whether it goes on at the next ticks, although nobody says so.
        var isOpen = false

        var last: Sample? { stretches.last?.last }

        /// What follows the last sample of itself, up to `end`.
        func following(until end: Timestamp) -> Stretch? {
            guard isOpen, let stamps = writer?.stamps, let last, last.time < end else { return nil }
            return Stretch(
                value: last.value, raster: stamps, from: last.time.advanced(byMilliseconds: 1), until: end)
        }

        mutating func append(_ new: Stretch) {
            if let last = stretches.last, let joined = last.joined(with: new) {
                stretches[stretches.count - 1] = joined
            } else if let last, new.first <= last.time {
                // Of another rule, whose stamps lie further back: single samples.
                let place = stretches.partitioningIndex(where: { $0.first >= new.first })
                if stretches[place].first == new.first {
                    stretches[place] = new
                } else {
                    stretches.insert(new, at: place)
                }
            } else {
                stretches.append(new)
            }
        }
    }

    init(_ labels: Labels) { self.labels = labels }

    /// - Returns: whether the series begins or ends with it.
    func append(_ sample: Sample, by writer: TrialWriter?) -> Bool {
        state.withLock { state in
            let goesOn = state.last.map { !StalenessMarker.isMarker($0.value) } ?? false
            // Where its rule has failed meanwhile it may have become too old.
            let isCertain = state.isOpen
            if let gap = state.following(until: sample.time.advanced(byMilliseconds: -1)) { state.append(gap) }
            if let known = state.writer, known.order != writer?.order { state.isShared = true }
            state.append(Stretch(sample, interval: writer?.stamps?.interval ?? 0))
            state.writer = writer
            let isEnd = StalenessMarker.isMarker(sample.value)
            state.isOpen = !isEnd
            return goesOn == isEnd || goesOn && !isCertain
        }
    }

    /// Says that the rule at `order` wrote nothing at `now`, nor does until it is told otherwise.
    func pause(writer order: Int, at now: Timestamp) {
        state.withLock { state in
            guard let writer = state.writer, writer.order == order, state.isOpen else { return }
            let end = now.advanced(byMilliseconds: -writer.lag - 1)
            if let gap = state.following(until: end) { state.append(gap) }
            state.isOpen = false
        }
    }

    /// The series as `reader` sees it.
    func seen(by reader: TrialReader) -> WrittenSeriesView {
        state.withLock { state in
            let end = state.isShared ? reader.now : state.writer.map(reader.end) ?? reader.now
            var stretches = state.stretches
            if let more = state.following(until: end) { stretches.append(more) }
            return WrittenSeriesView(labels: labels, stretches: stretches, end: end)
        }
    }

    /// Whether the rule at `order`, and no other, wrote it last.
    func isWritten(by order: Int) -> Bool { state.withLock { $0.writer?.order == order } }
}

/// A rule that looks at what rules have written, at one of its evaluations.
struct TrialReader: Sendable {
    let now: Timestamp
    /// Whether it is evaluated because of a reading, when those have had their turn that are due on a tick.
    let isArrival: Bool
    let order: Int

    /// The newest stamp of `writer` that it may see: of the same instant only what was written before it had its turn.
    func end(_ writer: TrialWriter) -> Timestamp {
        let isBefore = writer.order < order || isArrival && writer.ticks.isTick(now)
        return now.advanced(byMilliseconds: -writer.lag - (isBefore ? 0 : 1))
    }
}

/// Samples at even distances that have the same value.
struct Stretch: Sendable {
    let value: Double
    let first: Timestamp
    /// Milliseconds.
    let interval: Int64
    private(set) var count: Int

    init(_ sample: Sample, interval: Int64) {
        value = sample.value
        first = sample.time
        self.interval = interval
        count = 1
    }

    /// All instants of `raster` from `start` to `end`; nil if there are none.
    init?(value: Double, raster: TickRaster, from start: Timestamp, until end: Timestamp) {
        let first = raster.tick(notBefore: start)
        guard first <= end else { return nil }
        self.value = value
        self.first = first
        interval = raster.interval
        count = Int(end.milliseconds(since: first) / interval) + 1
    }

    func time(_ index: Int) -> Timestamp { first.advanced(byMilliseconds: Int64(index) * interval) }
    var last: Sample { Sample(time: time(count - 1), value: value) }

    /// Both as one; nil if they are not.
    func joined(with next: Stretch) -> Stretch? {
        guard interval > 0, next.interval == interval, next.first == time(count),
            next.value.bitPattern == value.bitPattern
        else { return nil }
        var joined = self
        joined.count += next.count
        return joined
    }

    /// Which of its samples lie in `range`.
    func indices(in range: ClosedRange<Timestamp>) -> Range<Int> {
        guard count > 1 else { return range.contains(first) ? 0..<1 : 0..<0 }
        let (whole, rest) = max(0, range.lowerBound.milliseconds(since: first)).quotientAndRemainder(
            dividingBy: interval)
        let begin = whole + (rest > 0 ? 1 : 0)
        let span = range.upperBound.milliseconds(since: first)
        guard span >= 0, begin < Int64(count) else { return 0..<0 }
        return Int(begin)..<max(Int(begin), min(count, Int(span / interval) + 1))
    }
}

/// What is seen of a series that a rule writes.
struct WrittenSeriesView: SelectedSeries {
    let labels: Labels
    fileprivate let stretches: [Stretch]
    /// What comes behind it is not there yet.
    fileprivate let end: Timestamp

    init(labels: Labels, stretches: [Stretch], end: Timestamp) {
        self.labels = labels
        self.stretches = stretches
        self.end = end
    }

    var unit: String? { nil }

    var last: Sample? {
        let place = stretches.partitioningIndex(where: { $0.first > end })
        guard place > 0 else { return nil }
        let stretch = stretches[place - 1]
        let seen = stretch.indices(in: stretch.first...end)
        return Sample(time: stretch.time(seen.upperBound - 1), value: stretch.value)
    }

    private static let run = 256

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        let last = min(range.upperBound, end)
        guard range.lowerBound <= last else { return }
        var samples: [Sample] = []
        // The one before may reach into the range.
        let place = max(0, stretches.partitioningIndex(where: { $0.first > range.lowerBound }) - 1)
        for stretch in stretches[place...] {
            guard stretch.first <= last else { break }
            for index in stretch.indices(in: range.lowerBound...last) {
                samples.append(Sample(time: stretch.time(index), value: stretch.value))
                guard samples.count == WrittenSeriesView.run else { continue }
                guard try body(samples.span) else { return }
                samples.removeAll(keepingCapacity: true)
            }
        }
        if !samples.isEmpty { _ = try body(samples.span) }
    }
}
