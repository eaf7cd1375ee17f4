import Alerting
import PromQL
import QueryAPI
import Readings

/// What the rules and their alerts look like from outside.
extension AlertLoop {
    /// The groups in the shape of Prometheus's API.
    func reports() -> [RuleGroupReport] {
        engine.snapshot().map { group in
            RuleGroupReport(
                name: group.id.name, file: group.id.file, interval: Double(group.intervalMilliseconds) / 1000,
                limit: group.limit,
                rules: group.rules.map(RuleReport.init),
                lastEvaluation: (group.lastEvaluation ?? .never).rfc3339,
                evaluationTime: group.evaluationTime.inSeconds, missedTicks: group.missedTicks)
        }
    }

    /// Groups that were not done at two ticks within the last minutes, and what of them takes so long.
    func slowGroups(at now: Timestamp) -> [ProblemWords] {
        engine.snapshot().compactMap { group in
            let recent = max(300_000, 3 * group.intervalMilliseconds)
            guard group.lastMissed.count == 2, group.lastMissed.allSatisfy({ now.milliseconds(since: $0) < recent }),
                let slowest = group.rules.max(by: { $0.evaluationTime < $1.evaluationTime })
            else { return nil }
            return group.slowness(slowest: slowest.evaluationTime < AlertLoop.patience ? nil : slowest)
        }
    }
}

extension RuleGroupSnapshot {
    /// That it is not done in time.
    ///
    /// - Parameter slowest: what takes so long; nil: slow rules of other groups do.
    func slowness(slowest: RuleSnapshot?) -> ProblemWords {
        func seconds(_ duration: Duration) -> String {
            "\(FormattedValue.sample((duration.inSeconds * 10).rounded() / 10)) s"
        }
        let interval = seconds(.milliseconds(intervalMilliseconds))
        let reason =
            slowest.map { rule in
                let time = seconds(rule.evaluationTime)
                return ProblemWords(
                    "its slowest rule is \(rule.name), with \(time) or more",
                    "quy tắc chậm nhất là \(rule.name), mất \(time) hoặc hơn")
            }
            ?? ProblemWords(
                "it had to wait for slow rules of other groups", "nhóm phải chờ quy tắc chậm của các nhóm khác")
        return ProblemWords(
            "group \(id.name) of \(id.file) is not done within its interval of \(interval): "
                + "\(missedTicks) ticks were missed; \(reason.english)",
            "nhóm \(id.name) của \(id.file) không xong trong chu kỳ \(interval): "
                + "đã lỡ \(missedTicks) lượt xét; \(reason.vietnamese)")
    }
}

extension Timestamp {
    /// What Prometheus's API shows for "not yet": the zero time of Go.
    fileprivate static let never = Timestamp(milliseconds: -62_135_596_800_000)
}

extension RuleReport {
    fileprivate init(_ rule: RuleSnapshot) {
        self.init(
            state: rule.state.rawValue, name: rule.name, query: rule.query,
            duration: Double(rule.forMilliseconds) / 1000,
            keepFiringFor: Double(rule.keepFiringForMilliseconds) / 1000, labels: rule.labels.dictionary,
            annotations: rule.annotations.dictionary,
            alerts: rule.alerts.map(AlertReport.init),
            health: rule.health.rawValue, lastError: rule.lastError, type: rule.kind.rawValue,
            lastEvaluation: (rule.lastEvaluation ?? .never).rfc3339, evaluationTime: rule.evaluationTime.inSeconds,
            sensor: rule.sensor)
    }
}

extension AlertReport {
    init(_ alert: ActiveAlert) {
        self.init(
            labels: alert.labels.sorted.dictionary, annotations: alert.annotations.dictionary,
            state: alert.state.rawValue, activeAt: alert.activeAt.rfc3339, firedAt: alert.firedAt?.rfc3339,
            value: FormattedValue.scientific(alert.value))
    }
}

extension [Label] {
    /// By name; of two with the same the last one counts.
    var dictionary: [String: String] { Dictionary(map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }
}
