import PromQL
import Readings

extension SensorRule {
    /// How long an alert of a sensor that has fallen silent stays as it is.
    private static let memory = "12h"
    private static let defaultEvery: Int64 = 30 * 60_000

    /// How far apart readings may lie, and how long the condition must hold, for a rule that says `hold` of it.
    ///
    /// A reading counts for less than the alert waits: so a single one with silence behind it never rings.
    func timing(hold: Int64?) -> (every: Int64, hold: Int64) {
        let usual = usualTiming
        switch (everyMilliseconds, hold) {
        case (let every?, let hold?): return (every, hold)
        case (let every?, nil): return (every, every + max(1, every / 3))
        case (nil, let hold?) where hold > 0: return (max(1, min(usual.every, hold / 10 * 9)), hold)
        case (nil, let hold?): return (usual.every, hold)
        case (nil, nil): return usual
        }
    }

    private var usualTiming: (every: Int64, hold: Int64) {
        switch condition {
        case .limit: (SensorRule.defaultEvery, 40 * 60_000)
        // Single nonsense is common and harmless.
        case .implausible: (12 * 60_000, 15 * 60_000)
        case .battery, .stuck: (SensorRule.defaultEvery, 3_600_000)
        case .rate: (SensorRule.defaultEvery, 5 * 60_000)
        case .silent: (SensorRule.defaultEvery, 60_000)
        }
    }

    /// Whether the rule's readings count for `every`, so that it must be shorter than `for`.
    var readsLastValue: Bool {
        switch condition {
        case .limit, .implausible: true
        case .rate, .stuck, .battery, .silent: false
        }
    }

    /// What an alert becomes.
    func expanded(_ alert: OwnAlert, hold: Int64?) -> PlainRule {
        let timing = timing(hold: hold)
        var expression = expression(of: alert, every: timing.every)
        if let betterAlerts {
            expression = """
                (
                \(expression)
                )
                  unless on \(SensorSelection.identity) ALERTS{\(betterAlerts), \(OwnAlert.isFiring)}
                """
        }
        return PlainRule(
            name: alert.name, expression: expression, holdMilliseconds: timing.hold,
            annotations: SensorTexts.annotations(of: self))
    }

    private func expression(of alert: OwnAlert, every: Int64) -> String {
        switch condition {
        case .limit(let side, let limits): limitExpression(side, limits, alert, every: every)
        case .rate(let side, let amount, let clear, let window):
            rateExpression(side, amount, clear: clear, window: window, alert)
        case .stuck(let milliseconds): stuckExpression(milliseconds)
        case .battery(let below, let clear): batteryExpression(below, clear: clear, alert)
        case .implausible(let bounds): implausibleExpression(bounds, every: every)
        case .silent(nil): SilenceRules.learnedExpression(selection, alert)
        case .silent(let milliseconds?): SilenceRules.fixedExpression(milliseconds, selection, alert)
        }
    }

    // MARK: Limits

    private func limitExpression(_ side: Side, _ limits: [Limit], _ alert: OwnAlert, every: Int64) -> String {
        var earlier: [LabelMatcher] = []
        var alternatives: [String] = []
        for limit in limits {
            let selector = selection.selector((limit.devices.map { [$0.included] } ?? []) + earlier)
            let now = lastValue(side, selector, within: SensorRule.duration(every))
            let lately = lastValue(side, selector, within: SensorRule.memory)
            alternatives.append("\(now) \(side.operator) \(SensorRule.number(limit.value))")
            alternatives.append(
                "\(lately) \(side.operator) \(SensorRule.number(limit.clear))\n"
                    + SensorRule.firing(alert))
            if let devices = limit.devices { earlier.append(devices.excluded) }
        }
        return alternatives.joined(separator: "\n  or\n")
    }

    /// What each device said last within a time, as far as it can be true.
    private func lastValue(_ side: Side, _ selector: String, within time: String) -> String {
        var value = "last_over_time(\(selector)[\(time)])"
        if let bounds = selection.plausible {
            if let below = bounds.below { value += " >= \(SensorRule.number(below))" }
            if let above = bounds.above { value += " <= \(SensorRule.number(above))" }
        }
        return SensorRule.folded(side, value)
    }

    // MARK: Rates

    /// Least squares over the readings of a window: at least three, from both halves of it and none of them nonsense.
    private func rateExpression(
        _ side: Side, _ amount: Double, clear: Double, window: Int64, _ alert: OwnAlert
    ) -> String {
        let (selector, all) = (selection.selector(), SensorRule.duration(window))
        let half = SensorRule.duration(max(1, window / 2))
        var conditions = [
            "deriv(\(selector)[\(all)]) * \(SensorRule.number(Double(window) / 1000))",
            "count_over_time(\(selector)[\(all)]) >= 3",
            "present_over_time(\(selector)[\(half)])",
            "present_over_time(\(selector)[\(half)] offset \(half))",
        ]
        if let bounds = selection.plausible {
            if let below = bounds.below {
                conditions.append("min_over_time(\(selector)[\(all)]) >= \(SensorRule.number(below))")
            }
            if let above = bounds.above {
                conditions.append("max_over_time(\(selector)[\(all)]) <= \(SensorRule.number(above))")
            }
        }
        let rate = SensorRule.folded(side, conditions.joined(separator: "\n    and "))
        return "\(rate) \(side.operator) \(SensorRule.number(amount))\n  or\n"
            + "\(rate) \(side.operator) \(SensorRule.number(clear))\n" + SensorRule.firing(alert)
    }

    // MARK: Sensors that are broken

    /// The same value for the whole time, although the sensor speaks: before it, at its end, and twice an hour. Who speaks more
    /// rarely may well have nothing new to say.
    private func stuckExpression(_ milliseconds: Int64) -> String {
        let (selector, all) = (selection.selector(), SensorRule.duration(milliseconds))
        let part = SensorRule.duration(max(1, milliseconds / 6))
        let fewest = max(6, milliseconds / 1_800_000)
        return SensorRule.folded(
            .above,
            [
                "last_over_time(\(selector)[\(all)])",
                "changes(\(selector)[\(all)]) == 0",
                "count_over_time(\(selector)[\(all)]) >= \(fewest)",
                "present_over_time(\(selector)[\(part)])",
                "present_over_time(\(selector)[\(part)] offset \(all))",
            ].joined(separator: "\n    and "))
    }

    /// Percent. Cold makes a battery look empty and recover, so all of a day must have been below. Some devices send volts
    /// under that name: what was never above 4.5 is taken for those, unless it is 0.
    private func batteryExpression(_ limit: Double, clear: Double, _ alert: OwnAlert) -> String {
        let selector = selection.selector()
        let day = SensorRule.folded(.below, "max_over_time(\(selector)[26h]) <= 100")
        let lately = SensorRule.folded(.below, "last_over_time(\(selector)[3d]) <= 100")
        return "\(day) < \(SensorRule.number(limit)) > 4.5\n  or\n\(day) == 0\n  or\n"
            + "\(lately) <= \(SensorRule.number(clear))\n" + SensorRule.firing(alert)
    }

    private func implausibleExpression(_ bounds: ValueBounds, every: Int64) -> String {
        let last = "last_over_time(\(selection.selector())[\(SensorRule.duration(every))])"
        let below = bounds.below.map { "\(last) < \(SensorRule.number($0))" }
        let above = bounds.above.map { "\(last) > \(SensorRule.number($0))" }
        return SensorRule.folded(.above, [below, above].compactMap(\.self).joined(separator: "\n    or\n  "))
    }

    // MARK: Writing

    /// One value a device.
    private static func folded(_ side: Side, _ values: String) -> String {
        "\(side.aggregation) by \(SensorSelection.identity) (\n  \(values)\n)"
    }

    /// The condition that an alert of the device fires already.
    private static func firing(_ alert: OwnAlert) -> String {
        "  and on \(SensorSelection.identity) \(alert.firing)"
    }

    static func duration(_ milliseconds: Int64) -> String { PromQLDuration(milliseconds: milliseconds).description }

    /// As short as it can be: `-15`, not `-15.0`.
    static func number(_ value: Double) -> String { FormattedValue.sample(value) }
}
