import PromQL
import Readings

/// How a rule's last evaluation ended.
public enum RuleHealth: String, Sendable {
    case unknown
    case ok
    case err
}

/// A rule with its alerts, and with the series that it writes.
struct RuleRun: Sendable {
    private(set) var rule: Rule
    /// Empty if the rule makes none.
    private(set) var alerts = AlertRuleState()
    private(set) var written = WrittenSeries()
    /// Whether `written` is all that the rule wrote last; not for a while after a restart.
    private(set) var knowsWritten = false
    /// Since when alerts of which nothing else is known were active before a restart, by the labels of their series; for the first
    /// evaluation.
    private var beginnings: [Labels: Timestamp] = [:]
    private(set) var health = RuleHealth.unknown
    private(set) var lastError: String?
    private(set) var lastEvaluation: Timestamp?
    /// What its expression and its texts took last.
    private(set) var cost: Duration = .zero
    /// How often in a row it took longer than a query may, and until when it is therefore left out.
    private var timeouts = 0
    private var putOffUntil: Timestamp?

    init(rule: Rule) { self.rule = rule }

    /// The same run with `rule` in the place of its former form. What that took says nothing of this one.
    func following(_ rule: Rule) -> RuleRun {
        var run = self
        run.rule = rule
        run.cost = .zero
        run.timeouts = 0
        run.putOffUntil = nil
        return run
    }

    /// Takes alerts over as they were before a restart.
    mutating func restore(_ saved: [ActiveAlert], completing: (Labels) -> Labels) {
        for alert in saved { alerts.restore(alert) }
        // They will end when the alerts do, though this process has not written them.
        written = WrittenSeries(Set(AlertSeries.values(of: alerts.active).map { completing($0.labels) }))
    }

    /// Takes over which series the rule wrote last, before a restart, and since when its alerts were active.
    mutating func recall(written series: Set<Labels>, beginnings: [Labels: Timestamp]) {
        guard !knowsWritten else { return }
        self.beginnings = beginnings
        written = WrittenSeries(written.labels.union(series))
        knowsWritten = true
    }

    /// Takes over which series it wrote when it was evaluated last.
    mutating func recall(lastWritten series: Set<Labels>) { written = WrittenSeries(series) }

    /// Takes over the values and texts of an evaluation that changed no alert.
    mutating func refresh(_ hits: [AlertRuleState.Hit]) { alerts.refresh(hits) }

    mutating func clockWasSet(by shift: Int64, to now: Timestamp) {
        alerts.clockWasSet(by: shift, to: now)
        putOffUntil = putOffUntil?.advanced(byMilliseconds: shift)
    }

    // MARK: Slow ones

    /// How long a rule that runs into its limit of time is left out at most, if its group's interval is not longer.
    private static let longestPutOffMilliseconds: Int64 = 10 * 60_000

    /// Whether it ran into its limit of time so lately that it is not to be tried yet.
    func isPutOff(at now: Timestamp) -> Bool {
        guard let putOffUntil else { return false }
        return now < putOffUntil
            && putOffUntil.milliseconds(since: now) <= RuleRun.longestPutOffMilliseconds
    }

    /// Takes so much time that `cost` is what it takes at least.
    mutating func noteSlow(_ cost: Duration) { self.cost = max(self.cost, cost) }

    /// A rule that its limit ends again and again is tried less and less often: it takes all the time that there is for slow rules.
    ///
    /// - Returns: the milliseconds for which it is left out; nil if it is not.
    private mutating func noteTimeout(at moment: Moment, after age: Duration) -> Int64? {
        timeouts = min(timeouts + 1, 16)
        let longest = RuleRun.longestPutOffMilliseconds
        putOffUntil = nil
        guard moment.interval < longest else { return nil }
        let (product, overflow) = moment.interval.multipliedReportingOverflow(by: 1 << Int64(timeouts))
        let wait = overflow ? longest : min(product, longest)
        // From when it ended on, as it may have waited for its turn. Half an interval less, so that the tick at that time is not
        // missed by a hair.
        putOffUntil = moment.now.advanced(byMilliseconds: Int64(age / .milliseconds(1)) + wait - moment.interval / 2)
        return wait
    }

    /// When an evaluation is, and what of its group counts for it.
    struct Moment: Sendable {
        var now: Timestamp
        /// What samples are stamped with: before `now` if the group has a `query_offset`.
        var stamp: Timestamp
        /// Milliseconds from one tick of the group to the next.
        var interval: Int64
        /// 0: any number of alerts or series
        var limit: Int
        /// Whether it follows a gap so soon that what is not found may only not have spoken yet.
        var isAfterGap: Bool
        /// Makes of a series' labels those under which it is to be stored.
        var completing: @Sendable (Labels) -> Labels
    }

    /// What an evaluation changed.
    struct Outcome {
        var transitions: [AlertTransition] = []
        var samples: [RuleSample] = []
        /// Whether an alert began, or ceased, to go on firing only because of `keep_firing_for`.
        var keepingChanged = false
    }

    /// Takes over what an evaluation found, or its error, which changes no alert and writes nothing.
    ///
    /// - Parameter age: how long after the moment that is.
    mutating func take(
        _ result: Result<RuleFindings, PromQLError>, at moment: Moment, cost: Duration, after age: Duration = .zero
    ) -> Outcome {
        lastEvaluation = moment.now
        self.cost = cost
        if case .success = result { endPutOff() }
        switch result {
        case .failure(let error):
            var later = ""
            if error.kind == .timeout {
                let wait = noteTimeout(at: moment, after: age)
                later = wait.map { "; it is left out for \(PromQLDuration(milliseconds: $0))" } ?? ""
            } else {
                endPutOff()
            }
            fail("\(error)\(later)")
            return Outcome()
        case .success(.hits(let hits)): return take(hits, at: moment)
        case .success(.series(let series)): return take(series, at: moment)
        case .success(.nothingKnown):
            succeed()
            return Outcome(samples: alertSamples(at: moment))
        }
    }

    /// The same because of a reading: what is not written, as no alert changed, is not taken for written either.
    mutating func takeBetweenTicks(
        _ result: Result<RuleFindings, PromQLError>, at moment: Moment, cost: Duration
    ) -> Outcome {
        let before = written
        let outcome = take(result, at: moment, cost: cost)
        if outcome.transitions.isEmpty { written = before }
        return outcome
    }

    private mutating func take(_ hits: [AlertRuleState.Hit], at moment: Moment) -> Outcome {
        guard case .alerting(let rule) = rule else { return Outcome() }
        let timing = AlertRuleState.Timing(
            hold: rule.forMilliseconds, keepFiring: rule.keepFiringForMilliseconds, limit: moment.limit,
            isAfterGap: moment.isAfterGap)
        do {
            let before = alerts.keepingChanges
            let transitions = try alerts.apply(hits, at: moment.now, timing: timing) { [beginnings] labels in
                beginnings[moment.completing(labels)]
            }
            beginnings = [:]
            succeed()
            return Outcome(
                transitions: transitions, samples: alertSamples(at: moment),
                keepingChanged: alerts.keepingChanges != before)
        } catch {
            switch error {
            case .duplicate(let labels):
                fail("vector contains metrics with the same labelset after applying alert labels: \(labels)")
                return Outcome()
            case .limitExceeded(let limit, let count, let forgotten):
                fail("exceeded limit of \(limit) with \(count) alerts; all alerts of this rule were forgotten")
                return Outcome(transitions: forgotten)
            }
        }
    }

    private mutating func alertSamples(at moment: Moment) -> [RuleSample] {
        let values = AlertSeries.values(of: alerts.active).map { (moment.completing($0.labels), $0.value) }
        return written.samples(of: values, at: moment.stamp)
    }

    private mutating func take(_ found: [(labels: Labels, value: Double)], at moment: Moment) -> Outcome {
        let series = found.map { (labels: moment.completing($0.labels), value: $0.value) }
        var known: Set<Labels> = []
        for one in series where !known.insert(one.labels).inserted {
            fail("vector contains metrics with the same labelset after applying rule labels: \(one.labels)")
            return Outcome()
        }
        guard moment.limit == 0 || series.count <= moment.limit else {
            fail("exceeded limit of \(moment.limit) with \(series.count) series; none was written")
            return Outcome()
        }
        succeed()
        return Outcome(samples: written.samples(of: series, at: moment.stamp))
    }

    private mutating func endPutOff() {
        timeouts = 0
        putOffUntil = nil
    }

    private mutating func succeed() {
        health = .ok
        lastError = nil
    }

    private mutating func fail(_ message: String) {
        health = .err
        lastError = message
    }
}
