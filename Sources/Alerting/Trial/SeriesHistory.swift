import PromQL
import Readings
import Synchronization

/// A series of the store whose newest sample is asked for at one instant after the other. What is read for one of them serves the
/// next ones: a rule that asks when a sensor spoke last would else have the same hour read from the disk at each tick.
final class SeriesHistory: Sendable {
    let base: any SelectedSeries
    let labels: Labels
    /// Of all there are.
    let last: Sample?
    private let window = Mutex<Window?>(nil)

    /// What is known of a piece of the past.
    private struct Window {
        var from: Timestamp
        /// The newest sample at `from`.
        var before: Sample?
        /// Those behind `from` and until `until`, ascending.
        var samples: [Sample] = []
        var until: Timestamp

        func newest(at now: Timestamp) -> Sample? {
            let place = samples.partitioningIndex(where: { $0.time > now })
            return place > 0 ? samples[place - 1] : before
        }
    }

    /// How much is read in one go: of a series that speaks rarely, and of one that speaks often.
    private static let span: Int64 = 12 * 3_600_000
    private static let mostSamples = 1024

    init(_ base: any SelectedSeries) {
        self.base = base
        labels = base.labels
        last = base.last
    }

    /// The newest sample at `now`, which best comes later each time; nil also if it can't be read: whoever reads the samples
    /// themselves is told.
    func newest(at now: Timestamp) -> Sample? {
        window.withLock { window in
            if window == nil || now < window?.from ?? now {
                window = Window(from: now, before: lookBack(from: now), until: now)
            }
            while let known = window, known.until < now {
                window =
                    now.milliseconds(since: known.until) > SeriesHistory.span
                    ? Window(from: now, before: lookBack(from: now), until: now) : following(known)
            }
            return window?.newest(at: now)
        }
    }

    /// The piece behind `known`.
    private func following(_ known: Window) -> Window {
        let start = known.until.advanced(byMilliseconds: 1)
        let end = known.until.advanced(byMilliseconds: SeriesHistory.span)
        var next = Window(from: known.until, before: known.samples.last ?? known.before, until: end)
        try? base.forEachRun(in: start...end) { run in
            for index in run.indices { next.samples.append(run[index]) }
            guard next.samples.count >= SeriesHistory.mostSamples, let last = next.samples.last else { return true }
            next.until = last.time
            return false
        }
        return next
    }

    /// The newest sample at `now`, looked for backwards, further and further.
    private func lookBack(from now: Timestamp) -> Sample? {
        var end = now
        var width: Int64 = 3_600_000
        while width < .max / 4, end > Timestamp(milliseconds: 0) {
            let start = end.advanced(byMilliseconds: -width)
            if let found = newest(in: start...end) { return found }
            end = start
            width *= 4
        }
        return nil
    }

    private func newest(in range: ClosedRange<Timestamp>) -> Sample? {
        var found: Sample?
        try? base.forEachRun(in: range) { run in
            if run.count > 0 { found = run[run.count - 1] }
            return true
        }
        return found
    }
}
