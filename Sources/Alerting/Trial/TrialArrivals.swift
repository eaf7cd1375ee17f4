import PromQL
import Readings

/// The readings whose arrival would have had one rule evaluated, in the order of time, and which of them could have made a
/// difference: at the others the rule finds the same series as at the evaluations before and behind them.
///
/// The store knows a reading's time, not when it arrived: here it arrived at once.
struct TrialArrivals {
    let rule: ImmediateRule
    private let foresight: RuleForesight
    private var watch: TrialWatch
    private let end: Timestamp
    /// How much of the past is looked at in one go.
    private var span: Int64 = 600_000
    /// What is known, from behind the piece before it …
    private var arrivals = AscendingTimes()
    private var decisive = AscendingTimes()
    /// … until here.
    private var until: Timestamp
    /// When the rule was last evaluated, on a tick or because of a reading.
    private var lastEvaluation: Timestamp
    /// How much rules had written by then.
    private var lastWritten = 0
    /// The next of them; if it is not `isArrival`, this only has to be asked again then. Nil if there are no more.
    private(set) var next: (time: Timestamp, isArrival: Bool)?

    /// - Parameter ticks: those of the rule's group, from the trial's begin on.
    init(_ rule: ImmediateRule, foresight: RuleForesight, ticks: TickRaster, until end: Timestamp, store: TrialStore) {
        self.rule = rule
        self.foresight = foresight
        self.end = end
        watch = TrialWatch(selectors: rule.selectors, ticks: ticks, store: store)
        until = ticks.first
        lastEvaluation = ticks.first
        next = until < end ? (until, false) : nil
    }

    /// Says that the rule is evaluated at `time`, when rules had written as much as `written` says.
    mutating func note(evaluationAt time: Timestamp, written: Int) {
        lastEvaluation = time
        lastWritten = written
    }

    /// Finds `next`, at `time` at the earliest.
    ///
    /// - Parameter restless: from when on an evaluation matters although it finds what the last one has found.
    /// - Parameter written: how much rules have written; nil if what they wrote may end of itself.
    mutating func look(from time: Timestamp, restless: Timestamp?, written: Int?) {
        let start = max(time, lastEvaluation.advanced(byMilliseconds: 1))
        while until < start, until < end { fill() }
        let isBlind = foresight.isBlind || foresight.looksAtWritten && written != lastWritten
        let found: Timestamp?
        if isBlind {
            found = arrivals.first(notBefore: start)
        } else {
            let change = restless.flatMap { arrivals.first(notBefore: max(start, $0)) }
            found = [decisive.first(notBefore: start), change].compactMap(\.self).min()
        }
        next = found.map { ($0, true) } ?? (until < end ? (until.advanced(byMilliseconds: 1), false) : nil)
    }

    private static let instantsAtOnce = 4000

    private mutating func fill() {
        let begin = until
        until = min(begin.advanced(byMilliseconds: span), end)
        let moments = watch.moments(after: begin, until: until)
        arrivals = AscendingTimes(moments.arrivals)
        do {
            decisive = AscendingTimes(try foresight.decisive(of: moments, since: begin))
            let count = moments.all.count
            if count < TrialArrivals.instantsAtOnce / 2 { span = min(span * 2, TrialArrivals.longest) }
            if count > TrialArrivals.instantsAtOnce * 2 { span = max(span / 2, TrialArrivals.shortest) }
        } catch {
            // A limit was hit, or at some instant there is no answer: then each for itself, and fewer at once the next time.
            decisive = arrivals
            span = max(span / 4, TrialArrivals.shortest)
        }
    }

    private static let shortest: Int64 = 60_000
    private static let longest: Int64 = 30 * 86_400_000
}

/// Times that are asked for in their order.
private struct AscendingTimes {
    private var times: [Timestamp]
    private var place = 0

    init(_ times: [Timestamp] = []) { self.times = times }

    /// Nil if all are earlier.
    mutating func first(notBefore time: Timestamp) -> Timestamp? {
        // What was asked for may lie further back than the last time: nothing is passed over for good.
        while place > 0, times[place - 1] >= time { place -= 1 }
        while place < times.count, times[place] < time { place += 1 }
        return place < times.count ? times[place] : nil
    }
}

/// When a group is evaluated.
struct TickRaster {
    let first: Timestamp
    let interval: Int64

    /// The first tick at or behind `time`.
    func tick(notBefore time: Timestamp) -> Timestamp {
        let (whole, rest) = max(0, time.milliseconds(since: first)).quotientAndRemainder(dividingBy: interval)
        return first.advanced(byMilliseconds: (whole + (rest > 0 ? 1 : 0)) * interval)
    }

    func isTick(_ time: Timestamp) -> Bool { time.milliseconds(since: first) % interval == 0 }
}
