import QueryAPI
import Readings

/// `quantrac alerts explain`: why alerts of a name ring, or do not.
struct ExplanationPage: Sendable {
    var explanations: [AlertExplanation]
    var texts: Texts
    var clock: LocalClock

    func lines(_ terminal: Terminal) -> [String] {
        var lines: [String] = []
        for one in explanations {
            if one.alerts.isEmpty {
                lines += spaced(lines, [head(one.rule.name, "inactive")] + ruleLines(one))
                lines += inputLines(one.inputs) + pastLines(one.past) + charts(one.inputs, terminal)
            }
            for active in one.alerts {
                lines += spaced(lines, [head(one.rule.name, active.alert.state)] + alertLines(active.alert))
                lines += ruleLines(one) + valueLines(active) + inputLines(active.inputs)
                lines += active.alert.delivery.map(toldLines) ?? []
                lines += tellingLines(active.told).map { "  " + $0 }
                lines += charts(active.inputs, terminal)
            }
        }
        return lines.map(PlainText.neutralised)
    }

    func csv() -> [String] {
        CSV.lines(
            [
                "alert", "state", "since", "expression", "metric", "household", "device", "unit", "value_then",
                "value_now",
            ],
            explanations.flatMap { one in
                one.inputs.map { row($0, of: one.rule, nil) }
                    + one.alerts.flatMap { active in active.inputs.map { row($0, of: one.rule, active.alert) } }
            })
    }

    private func row(_ input: AlertExplanation.Input, of rule: RuleReport, _ alert: AlertReport?) -> [String] {
        let metric = input.history.metric
        return [
            rule.name, alert?.state ?? rule.state, alert?.activeAt ?? "", rule.query, metric[LabelName.metric] ?? "",
            metric[LabelName.household] ?? "", metric[LabelName.device] ?? "", input.history.unit ?? "",
            input.valueThen.map(NumberText.exact) ?? "", input.valueNow.map(NumberText.exact) ?? "",
        ]
    }

    private func spaced(_ before: [String], _ lines: [String]) -> [String] { (before.isEmpty ? [] : [""]) + lines }

    private func head(_ name: String, _ state: String) -> String { "\(name): \(texts(.alertState(state)))" }

    private func alertLines(_ alert: AlertReport) -> [String] {
        var lines: [String] = []
        let summary = AlertsPage.summary(alert.annotations, texts.language)
        if !summary.isEmpty { lines.append("  " + summary) }
        lines.append("  " + texts(ExplainText.heldSince(instant(alert.activeAt))))
        if let fired = alert.firedAt, fired != alert.activeAt {
            lines.append("  " + texts(ExplainText.firesSince(instant(fired))))
        }
        if let muted = alert.muted {
            lines.append("  " + texts(MuteText.muted) + ": " + texts.words(muted, clock: clock))
        }
        return lines
    }

    private func ruleLines(_ one: AlertExplanation) -> [String] {
        let query = one.rule.query.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
        var lines = ["  " + texts(ExplainText.rule(group: one.group, file: one.file))]
        if let sensor = one.rule.sensor {
            lines += ["    sensor: " + sensor, "  " + texts(ExplainText.shortForm)]
        }
        lines += query.map { "    " + $0 }
        if one.rule.duration > 0 {
            lines.append("  " + texts(ExplainText.mustHold(texts.duration(seconds: one.rule.duration))))
        }
        if let reason = one.rule.lastError {
            lines.append("  " + texts(.brokenRule(name: one.rule.name, file: one.file, reason: reason)))
        }
        return lines
    }

    /// The expression with values in it.
    private func valueLines(_ active: AlertExplanation.ActiveAlert) -> [String] {
        [
            "  " + texts(ExplainText.expressionThen) + " " + active.expressionThen,
            "  " + texts(ExplainText.expressionNow) + " " + active.expressionNow,
        ]
    }

    /// When it fired before; that is what to ask about with --at.
    private func pastLines(_ past: [AlertExplanation.Episode]) -> [String] {
        guard !past.isEmpty else { return [] }
        return ["  " + texts(ExplainText.past)]
            + past.flatMap { episode in
                let (from, to) = (instant(episode.from), instant(episode.to))
                let device = episode.labels[LabelName.device].map { $0 + ": " } ?? ""
                return ["    \(device)\(from) – \(to)"] + tellingLines(episode.told).map { "      " + $0 }
            }
    }

    private func tellingLines(_ tellings: [AlertExplanation.Telling]?) -> [String] {
        (tellings ?? []).map { one in
            let time = instant(one.time)
            return switch (one.delivered, one.state) {
            case (false, _): texts(ExplainText.couldNotBeTold(one.channel, time))
            case (true, "resolved"): texts(ExplainText.wasToldOfEnd(one.channel, time))
            case (true, _): texts(ExplainText.wasTold(one.channel, time))
            }
        }
    }

    private func instant(_ text: String) -> String {
        InstantText.parse(text, clock: clock).map { clock.dateAndTime($0, seconds: true) } ?? text
    }

    private func inputLines(_ inputs: [AlertExplanation.Input]) -> [String] {
        guard !inputs.isEmpty else { return ["  " + texts(ExplainText.noReadings)] }
        return ["  " + texts(ExplainText.readings)]
            + inputs.map { input in
                "    \(name(of: input)): "
                    + texts(ExplainText.thenAndNow(value(input.valueThen, input), value(input.valueNow, input)))
            }
    }

    private func value(_ value: Double?, _ input: AlertExplanation.Input) -> String {
        value.map { UnitText.value(NumberText.readable($0), unit: input.history.unit) } ?? "–"
    }

    private func name(of input: AlertExplanation.Input) -> String {
        let metric = input.history.metric
        let own = [LabelName.metric, LabelName.household, LabelName.device]
        let device = metric[LabelName.device].map { $0 + " · " } ?? ""
        return device + (metric[LabelName.metric] ?? "") + SeriesName.suffix(metric.filter { !own.contains($0.key) })
    }

    private func toldLines(_ deliveries: [NoticeDelivery]) -> [String] {
        deliveries.map { one in
            let error = texts.language == .vietnamese ? one.errorVi ?? one.error : one.error
            return "  " + (one.state == "delivered" ? texts(.told) + " " : "")
                + texts(.delivery(channel: one.channel, state: one.state, tries: one.attempts))
                + " (\(instant(one.time)))" + (error.map { ": \($0)" } ?? "")
        }
    }

    /// A chart for each of the first few series, on a terminal.
    private func charts(_ inputs: [AlertExplanation.Input], _ terminal: Terminal) -> [String] {
        guard terminal.isTTY else { return [] }
        return inputs.prefix(4).flatMap { input -> [String] in
            guard let first = input.history.start.first.flatMap(Timestamp.init(secondsSince1970:)),
                let last = input.history.end?.last.flatMap(Timestamp.init(secondsSince1970:)),
                let steps = try? HistorySteps(
                    from: first, to: last, points: 2 * Chart.plotColumns(width: terminal.width), step: nil,
                    clock: clock)
            else { return [] }
            let chart = Chart(
                title: name(of: input), unit: input.history.unit, points: [HistoryPoint](input.history, steps: steps),
                start: steps.start, end: steps.end, step: steps.step, clock: clock, texts: texts)
            return [""]
                + chart.lines(
                    width: terminal.width, rows: 8, utf8: terminal.isUTF8, colours: terminal.hasColours)
        }
    }
}
