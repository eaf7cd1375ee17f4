import Readings

/// What becomes of a message for whose parts the receiver answers one by one.
///
/// Of one alert the order holds: what follows a change that was not taken waits with it. Alerts that the receiver refuses for the
/// time being are set aside, each for as long as it has been refused in a row, and keep nothing else back.
extension Lane {
    /// - Parameter parts: of the dispatch's notices, then of its reminders; or of what is to be cleared, or published again.
    mutating func finish(
        _ dispatch: Dispatch, _ parts: [PartOutcome], at now: DeliveryMoment, wall: Timestamp, random: Double
    ) -> (changes: [OutboxChange], refused: Untold) {
        var changes: [OutboxChange] = []
        var untold = Untold()
        /// Why an earlier change of the alert was not taken.
        var behind: [String: String] = [:]
        var (failure, refusal): (String?, String?) = (nil, nil)
        var isTaken = false
        var answers = parts[...]
        func next() -> PartOutcome { answers.popFirst() ?? .failed("\(FailureWords.notForAll)") }
        for notice in dispatch.notices {
            let (alert, answer) = (notice.news.alert, next())
            if let reason = behind[alert] {
                changes += tried([notice], reason)
                continue
            }
            switch answer {
            case .delivered:
                isTaken = true
                changes += delivered(dispatch.part([notice]), now, wall)
            case .unannounced(let reason):
                isTaken = true
                changes += delivered(dispatch.part([notice]), now, wall)
                guard notice.news.isFiring else { continue }
                refusal = refusal ?? reason
                changes += noteUnannounced(alert, at: now)
            case .failed(let reason):
                behind[alert] = reason
                failure = failure ?? reason
                changes += tried([notice], reason)
            case .refused(let reason):
                behind[alert] = reason
                refusal = refusal ?? reason
                changes += tried([notice], reason)
                let tries = queue.first { $0.id == notice.id }?.attempts ?? 1
                setAside(alert, now, tries: tries, random: random)
            case .rejected(let reason):
                health.reject(reason, wall)
                for one in queue where one.id == notice.id { untold.add(one) }
                changes += giveUp(notice, because: reason, now, wall)
            }
        }
        for entry in dispatch.reminders {
            let alert = entry.news.alert
            switch next() {
            case .delivered:
                isTaken = true
                changes += delivered(dispatch.part([], still: [entry]), now, wall)
            case .unannounced(let reason):
                isTaken = true
                refusal = refusal ?? reason
                aside[alert] = nil
                told[alert]?.at = now
                changes += noteUnannounced(alert, at: now)
            case .failed(let reason): failure = failure ?? reason
            case .refused(let reason):
                refusal = refusal ?? reason
                setAside(alert, now, tries: .max, random: random)
            case .rejected(let reason):
                health.reject(reason, wall)
                changes += putOff(reminderOf: alert, now)
            }
        }
        for _ in dispatch.clearings {
            switch next() {
            case .delivered, .unannounced: isTaken = true
            case .failed(let reason): failure = failure ?? reason
            // Nobody misses anything by it.
            case .refused, .rejected: health.failedTries += 1
            }
        }
        for _ in dispatch.standing {
            switch next() {
            case .delivered: isTaken = true
            case .failed(let reason): failure = failure ?? reason
            // It was told before, and is tried again.
            case .unannounced, .refused, .rejected: health.failedTries += 1
            }
        }
        if let refusal { health.refuse(refusal, wall) }
        if let failure {
            fail(failure, now, wall, random: random)
        } else if isTaken {
            health.succeed(wall, isWhole: isWhole)
        } else {
            // It answers: others need not wait, nor be told by another channel.
            health.failures = 0
        }
        return (changes, untold)
    }

    private mutating func setAside(_ alert: String, _ now: DeliveryMoment, tries: Int, random: Double) {
        aside[alert] = now.advanced(by: policy.backoff.wait(failures: tries, random: random, wanted: nil))
    }

    /// The alerts of which nothing is tried now.
    func aside(at now: DeliveryMoment) -> Set<String> { Set(aside.filter { $0.value > now }.keys) }

    /// Whether the receiver takes nothing, or refuses some of it until somebody changes its rules.
    var isFailing: Bool { health.failures > 1 || !isWhole && health.lastError != nil }

    /// Forgets alerts of which nothing is to be tried any more.
    mutating func forgetRefusals() {
        guard !isWhole else { return }
        defer { if isWhole, health.failures == 0 { health.recover() } }
        unannounced = unannounced.filter { alert, _ in told[alert]?.news.isFiring == true }
        let waiting = Set(queue.map(\.news.alert))
        aside = aside.filter { alert, _ in
            waiting.contains(alert)
                || told[alert].map { $0.hold == .released || policy.repeatInterval != nil } ?? false
        }
    }

    /// Alerts that another channel should tell, since the receiver has refused them too often.
    var refusedTooOften: Set<String> {
        let most = max(1, policy.escalateAfter)
        return Set(queue.filter { aside[$0.news.alert] != nil && $0.attempts >= most }.map(\.news.alert))
    }
}

extension Dispatch {
    /// The same with these alone.
    fileprivate func part(_ notices: [Notice], still: [Told] = []) -> Dispatch {
        Dispatch(id: id, channel: channel, content: .released(notices, still: still))
    }
}
