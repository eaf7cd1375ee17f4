import Delivery
import QueryAPI
import QueryServer
import Readings

extension DaemonBackend {
    func silences(of household: String?) -> [SilenceReport] {
        courier.report.silences.filter { silence in
            household.map { silence.household?.contains($0) ?? false } ?? true
        }.map(SilenceReport.init)
    }

    func silence(_ wish: SilenceWish) async throws -> (made: [SilenceReport], isKept: Bool) {
        do {
            let (silences, isKept) = try await courier.silence(
                SilenceRequest(
                    kind: Silence.Kind(wish.kind), alert: wish.alert, matchers: wish.matchers,
                    household: wish.household.map { .one($0) }, starts: wish.starts, ends: wish.ends,
                    author: wish.author,
                    comment: wish.comment))
            return (silences.map(SilenceReport.init), isKept)
        } catch let refusal {
            throw SilenceFault(isMissing: refusal.reason == .noSuchAlert, refusal.description)
        }
    }

    func endSilence(_ id: Int64, household: String?) async throws -> (ended: SilenceReport, isKept: Bool) {
        guard let (silence, isKept) = await courier.endSilence(id, household: household.map { .one($0) }) else {
            throw SilenceFault(isMissing: true, "there is no silence \(id); 'quantrac alerts silences' lists them")
        }
        var report = SilenceReport(silence)
        report.state = "over"
        return (report, isKept)
    }
}

extension Silence.Kind {
    fileprivate init(_ kind: SilenceWish.Kind) {
        self =
            switch kind {
            case .silence: .silence
            case .snooze: .snooze
            case .acknowledge: .acknowledge
            }
    }
}

extension SilenceReport {
    fileprivate init(_ silence: Silence) {
        let isActive = silence.isActive(at: .now)
        self.init(
            id: silence.id, kind: silence.kind.rawValue,
            state: isActive ? "active" : silence.hasBegun ? "over" : "pending",
            household: silence.household?.name,
            matchers: silence.matchers.map(\.description), alert: silence.alert,
            starts: silence.starts.rfc3339,
            ends: silence.ends?.rfc3339, author: silence.author, comment: silence.comment)
    }
}

extension MuteReport {
    /// Nil for what only one channel is like.
    init?(_ mute: Mute) {
        let (reason, by, until) = (mute.cause.word, mute.cause.author, mute.until?.rfc3339)
        switch mute.cause {
        case .silence(let silence):
            self.init(
                reason: reason, by: by, since: silence.starts.rfc3339, until: until,
                comment: silence.comment.isEmpty ? nil : silence.comment, silence: silence.id)
        case .maintenance: self.init(reason: reason, by: by, until: until)
        case .dependency: self.init(reason: reason, until: until, explainedBy: by)
        case .quietHours: return nil
        }
    }
}
