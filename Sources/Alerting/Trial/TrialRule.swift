import PromQL
import Readings

/// One rule of a trial: at which instants it would have been evaluated, on ticks and at arrivals, and which of them could have made a
/// difference. At the others it finds the same series as at the one before.
///
/// The store knows a reading's time, not when it arrived: here it arrived at once.
struct TrialRule {
    let group: RuleGroup
    /// In its group, and among all rules.
    let place: Int
    let order: Int
    /// The recording rules before it in the group that it asks when a reading arrives; nil if nothing but ticks has it evaluated.
    let prerequisites: [Prerequisite]?
    let ticks: TickRaster
    private(set) var foresight: RuleForesight
    /// Whether it is asked ahead, by those who look at what it records.
    let isAhead: Bool
    private var watch: TrialWatch?
    private let end: Timestamp
    /// How much of the past is looked at in one go.
    private var span: Int64 = 3_600_000
    /// What is known, from behind the piece before it …
    private var moments = AscendingTimes()
    private var decisive = AscendingTimes()
    /// … of which this was the last moment …
    private var lastOfPiece: Timestamp?
    /// … until here.
    private var until: Timestamp
    /// When the rule was last evaluated.
    private(set) var lastEvaluation: Timestamp?
    /// How much rules had written by then of what it looks at.
    private var lastNews: Int?
    /// The next of them; if it is not an evaluation, this only has to be asked again then. Nil if there are no more.
    private(set) var next: (time: Timestamp, isEvaluation: Bool)?

    init(
        _ group: RuleGroup, _ place: Int, order: Int, arrivals: ImmediateRule?, prerequisites: [Prerequisite]?,
        ticks: TickRaster, foresight: RuleForesight, isAhead: Bool, until end: Timestamp, store: TrialStore
    ) {
        self.group = group
        self.place = place
        self.order = order
        self.ticks = ticks
        self.foresight = foresight
        self.end = end
        self.prerequisites = prerequisites
        watch = arrivals.map { TrialWatch(selectors: $0.selectors, ticks: ticks, store: store) }
        until = ticks.first.advanced(byMilliseconds: -1)
        self.isAhead = isAhead
        next = ticks.first <= end && !isAhead ? (ticks.first, false) : nil
    }

    /// A recording rule, by its place in the group, and whether no other writes series of that name.
    typealias Prerequisite = (place: Int, isAlone: Bool)

    var rule: Rule { group.rules[place] }

    /// Its turn at `time`, which is one of its moments.
    func turn(at time: Timestamp) -> TrialTurn {
        TrialTurn(time: time, isArrival: !ticks.isTick(time), order: order)
    }

    /// Its turn at the moment before the one at `time`; nil if it was evaluated then, or there was none.
    mutating func missedTurn(before time: Timestamp) -> TrialTurn? {
        guard let before = moments.last(before: time) ?? lastOfPiece, let lastEvaluation, before > lastEvaluation
        else { return nil }
        return turn(at: before)
    }

    /// Says that the rule is evaluated at `time`, when rules had written as much as `news` says of what it looks at.
    mutating func note(evaluationAt time: Timestamp, news: Int?) {
        lastEvaluation = time
        lastNews = news
    }

    /// Finds `next`, behind `turn`.
    ///
    /// - Parameter restless: from when on an evaluation matters although it finds what the last one has found.
    /// - Parameter news: how much rules have written of what it looks at; nil if what they wrote may end of itself.
    mutating func look(behind turn: TrialTurn, restless: Timestamp?, news: Int?) {
        var start = max(turn.time, lastEvaluation?.advanced(byMilliseconds: 1) ?? turn.time)
        if start == turn.time, self.turn(at: start) <= turn { start = start.advanced(byMilliseconds: 1) }
        let isBlind = foresight.isBlind || foresight.written != nil && (news == nil || news != lastNews)
        guard !knowsAllTicks else {
            let tick = ticks.tick(notBefore: start)
            next = tick <= end ? (tick, true) : nil
            return
        }
        while until < start, until < end { fill() }
        var found = isBlind ? moments.first(notBefore: start) : decisive.first(notBefore: start)
        if !isBlind, let restless {
            let other = moments.first(notBefore: max(start, restless))
            found = [found, other].compactMap(\.self).min()
        }
        next = found.map { ($0, true) } ?? (until < end ? (until.advanced(byMilliseconds: 1), false) : nil)
    }

    /// Whether all of its moments are ticks, and each of them matters.
    private var knowsAllTicks: Bool { foresight.isBlind && watch == nil }

    private mutating func fill() {
        let begin = until
        until = min(begin.advanced(byMilliseconds: span), end)
        lastOfPiece = moments.last ?? lastOfPiece
        let all = watch?.moments(after: begin, until: until) ?? ticks.ticks(after: begin, until: until)
        moments = AscendingTimes(all)
        do {
            decisive = AscendingTimes(try foresight.decisive(of: all))
            if all.count < TrialRule.momentsAtOnce / 2 { span = min(span * 2, TrialRule.longest) }
            if all.count > TrialRule.momentsAtOnce { span = max(span / 2, TrialRule.shortest) }
        } catch {
            // A limit was hit, or at some instant there is no answer: then each for itself, and fewer at once the next time.
            decisive = moments
            span = max(span / 4, TrialRule.shortest)
        }
    }

    private static let momentsAtOnce = 400_000
    private static let shortest: Int64 = 60_000
    private static let longest: Int64 = 86_400_000
}

/// When a rule has its turn: of those that are due at the same instant ticks go first, and then in the order of the groups and their
/// rules, as in the daemon.
struct TrialTurn: Comparable {
    var time: Timestamp
    var isArrival: Bool
    var order: Int

    static func < (a: TrialTurn, b: TrialTurn) -> Bool {
        if a.time != b.time { return a.time < b.time }
        if a.isArrival != b.isArrival { return b.isArrival }
        return a.order < b.order
    }

    /// Before all turns at `time`.
    static func first(at time: Timestamp) -> TrialTurn { TrialTurn(time: time, isArrival: false, order: -1) }
}

/// Times that are asked for in their order.
private struct AscendingTimes {
    private var times: [Timestamp]
    private var place = 0

    init(_ times: [Timestamp] = []) { self.times = times }

    var last: Timestamp? { times.last }

    /// Nil if all are earlier.
    mutating func first(notBefore time: Timestamp) -> Timestamp? {
        seek(time)
        return place < times.count ? times[place] : nil
    }

    /// Nil if none is earlier.
    mutating func last(before time: Timestamp) -> Timestamp? {
        seek(time)
        return place > 0 ? times[place - 1] : nil
    }

    private mutating func seek(_ time: Timestamp) {
        // Mostly it is one of the next; what was asked for may also lie further back, and nothing is passed over for good.
        if place > 0, times[place - 1] >= time || place + 8 < times.count && times[place + 8] < time {
            place = times.partitioningIndex(where: { $0 >= time })
            return
        }
        while place < times.count, times[place] < time { place += 1 }
    }
}
