import Readings

/// The alerts of one rule, and how they change: Prometheus's alerting state machine as a value without clock or I/O.
struct AlertRuleState: Sendable {
    /// One element of the rule's result, with its labels and annotations already expanded.
    struct Hit: Sendable {
        var labels: Labels
        var annotations: [Label]
        var value: Double
    }

    /// What of a rule matters here. Milliseconds.
    struct Timing: Sendable {
        var hold: Int64
        var keepFiring: Int64
        /// 0: any number of alerts
        var limit: Int = 0
        /// Whether alerts that were not hit stay as they are, since their sensors may only not have spoken yet.
        var isAfterGap = false
    }

    enum Failure: Error, Sendable {
        case duplicate(Labels)
        case limitExceeded(limit: Int, alerts: Int, forgotten: [AlertTransition])
    }

    /// How long a resolved alert is kept, so that whoever missed the news can be told again.
    static let resolvedRetentionMilliseconds: Int64 = 15 * 60_000

    private(set) var alerts: [Labels: ActiveAlert] = [:]
    /// How often an alert began, or ceased, to go on firing only because of `keep_firing_for`: a restart must know of each.
    private(set) var keepingChanges = 0

    /// Takes over one successful evaluation's result.
    ///
    /// - Parameter beginnings: since when an alert is active that is not known here, if that is known from elsewhere.
    /// - Throws: `Failure.duplicate` if two hits have the same labels: then nothing changes. `Failure.limitExceeded`:
    ///   then all alerts have been forgotten.
    mutating func apply(
        _ hits: [Hit], at now: Timestamp, timing: Timing, beginnings: (Labels) -> Timestamp? = { _ in nil }
    ) throws(Failure) -> [AlertTransition] {
        var hit: Set<Labels> = []
        for one in hits where !hit.insert(one.labels).inserted { throw .duplicate(one.labels) }

        let before = alerts.mapValues(\.state)
        for one in hits {
            if var known = alerts[one.labels], known.state != .inactive {
                known.value = one.value
                known.annotations = one.annotations
                if known.keptFiringSince != nil { keepingChanges += 1 }
                known.keptFiringSince = nil
                if known.state == .pending { known.activeAt = min(known.activeAt, now) }
                alerts[one.labels] = known
            } else {
                alerts[one.labels] = ActiveAlert(
                    labels: one.labels, annotations: one.annotations, value: one.value, state: .pending,
                    activeAt: min(now, beginnings(one.labels) ?? now))
            }
        }
        var transitions: [AlertTransition] = []
        var active = 0
        for labels in alerts.keys.sorted() {
            guard var alert = alerts[labels] else { continue }
            if timing.isAfterGap, alert.state != .inactive, !hit.contains(labels) {
                active += 1
                continue
            }
            let old = before[labels] ?? .inactive
            let keeps = hit.contains(labels) ? advance(&alert, at: now, timing) : recede(&alert, at: now, timing)
            alerts[labels] = keeps ? alert : nil
            let new = keeps ? alert.state : .inactive
            if new != .inactive { active += 1 }
            if new != old { transitions.append(AlertTransition(alert, from: old, to: new, at: now)) }
        }
        if timing.limit > 0, active > timing.limit {
            throw .limitExceeded(limit: timing.limit, alerts: active, forgotten: forgetAll(before, at: now))
        }
        return transitions
    }

    /// The expression holds: pending becomes firing in time.
    private func advance(_ alert: inout ActiveAlert, at now: Timestamp, _ timing: Timing) -> Bool {
        if alert.state == .pending, now.milliseconds(since: alert.activeAt) >= timing.hold {
            alert.state = .firing
            alert.firedAt = now
        }
        return true
    }

    /// The expression does not hold; false if the alert is to be forgotten.
    private mutating func recede(_ alert: inout ActiveAlert, at now: Timestamp, _ timing: Timing) -> Bool {
        switch alert.state {
        case .pending: return false
        case .inactive:
            guard let resolved = alert.resolvedAt.map({ min($0, now) }) else { return false }
            alert.resolvedAt = resolved
            return now.milliseconds(since: resolved) <= AlertRuleState.resolvedRetentionMilliseconds
        case .firing:
            if timing.keepFiring > 0 {
                if alert.keptFiringSince == nil { keepingChanges += 1 }
                let since = min(alert.keptFiringSince ?? now, now)
                alert.keptFiringSince = since
                if now.milliseconds(since: since) < timing.keepFiring { return true }
            }
            alert.state = .inactive
            alert.resolvedAt = now
            return true
        }
    }

    /// The clock was set by `shift` milliseconds to `now`: what counts from a moment on goes on as if it had not been.
    /// Since when an alert fires is what people were told, and stays.
    mutating func clockWasSet(by shift: Int64, to now: Timestamp) {
        func moved(_ time: Timestamp) -> Timestamp { min(time.advanced(byMilliseconds: shift), now) }
        alerts = alerts.mapValues { alert in
            var alert = alert
            if alert.state == .pending { alert.activeAt = moved(alert.activeAt) }
            alert.keptFiringSince = alert.keptFiringSince.map(moved)
            alert.resolvedAt = alert.resolvedAt.map(moved)
            return alert
        }
    }

    private mutating func forgetAll(_ before: [Labels: AlertState], at now: Timestamp) -> [AlertTransition] {
        let forgotten = AlertRuleState.sorted(alerts.values.filter { before[$0.labels] == .firing })
        alerts = [:]
        return forgotten.map { AlertTransition($0, from: .firing, to: .inactive, at: now, cause: .limitExceeded) }
    }

    /// Takes an alert over as it was before a restart; one that is known by now stays as it is.
    mutating func restore(_ alert: ActiveAlert) {
        if alerts[alert.labels] == nil { alerts[alert.labels] = alert }
    }

    /// What is to be told if this rule ends now: nobody is left believing that its alerts still fire.
    func ended(at now: Timestamp, cause: AlertTransition.Cause) -> [AlertTransition] {
        active.map { AlertTransition($0, from: $0.state, to: .inactive, at: now, cause: cause) }
    }

    /// The pending and firing alerts, sorted by labels.
    var active: [ActiveAlert] { AlertRuleState.sorted(alerts.values.filter { $0.state != .inactive }) }

    var hasActive: Bool { alerts.values.contains { $0.state != .inactive } }

    /// The first instant at which an evaluation changes an alert although it finds what the last one has found. Nil if none does.
    func nextInTime(hold: Int64, keepFiring: Int64) -> Timestamp? {
        alerts.values.compactMap { alert in
            switch alert.state {
            case .pending: alert.activeAt.advanced(byMilliseconds: hold)
            case .firing: alert.keptFiringSince?.advanced(byMilliseconds: keepFiring)
            case .inactive: nil
            }
        }.min()
    }

    /// Takes over what an evaluation that changed no alert found.
    mutating func refresh(_ hits: [Hit]) {
        for hit in hits where alerts[hit.labels].map({ $0.state != .inactive }) ?? false {
            alerts[hit.labels]?.value = hit.value
            alerts[hit.labels]?.annotations = hit.annotations
        }
    }

    private static func sorted(_ alerts: [ActiveAlert]) -> [ActiveAlert] {
        alerts.sorted { $0.labels < $1.labels }
    }
}
