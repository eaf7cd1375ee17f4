import PromQL
import Readings
import Yams

/// Reads the mapping behind `sensor:`.
extension RuleYAML {
    private static let conditions = [
        "above", "below", "rising", "falling", "stuck", "battery", "implausible", "silent",
    ]

    /// Nil if there is a mistake in it, which is reported then.
    mutating func sensorRule(_ node: Node, key: String) -> SensorRule? {
        let count = errors.count
        let selecting = ["quantity", "metric", "device", "not", "where", "plausible", "every", "unless"]
        let fields = mapping(
            node, key: key, allowed: selecting + RuleYAML.conditions + ["clear", "for-each", "per"])
        let named = RuleYAML.conditions.filter { fields[$0] != nil }
        guard let kind = named.first, let valueNode = fields[kind], named.count == 1 else {
            report(
                node, key,
                "exactly one of \(RuleYAML.conditions.joined(separator: ", ")) is needed"
                    + (named.isEmpty ? "" : ", not \(named.joined(separator: " and "))"))
            return nil
        }
        refuse(fields, of: kind, key: key)
        guard let condition = condition(kind, valueNode, fields, key: key) else { return nil }
        let selection = selection(fields, node, kind: kind, key: key)
        checkPossible(condition, selection, fields[kind] ?? node, key: "\(key).\(kind)")
        let every = fields["every"].flatMap { positiveDuration($0, key: key + ".every") }
        let better = fields["unless"].flatMap { node in
            matcher(AlertLabel.name, .matches, text(node, key: key + ".unless"), node, key + ".unless")
        }
        return errors.count == count
            ? SensorRule(
                selection: selection, condition: condition, everyMilliseconds: every, betterAlerts: better) : nil
    }

    /// A limit that no value reaches which counts as true can never ring.
    private mutating func checkPossible(
        _ condition: SensorRule.Condition, _ selection: SensorSelection, _ node: Node, key: String
    ) {
        guard case .limit(let side, let limits) = condition, let bounds = selection.plausible else { return }
        for limit in limits {
            let bound = side == .above ? bounds.above : bounds.below
            guard let bound, side == .above ? limit.value >= bound : limit.value <= bound else { continue }
            report(
                node, key,
                "\(SensorRule.number(limit.value)) can never be passed: of this quantity nothing \(side.rawValue) "
                    + "\(SensorRule.number(bound)) counts as true; say what can be: 'plausible: {\(side.rawValue): …}'")
        }
    }

    // MARK: What is watched for

    /// Keys that mean nothing beside `kind`.
    private mutating func refuse(_ fields: [String: Node], of kind: String, key: String) {
        let isLimit = ["above", "below"].contains(kind)
        let isRate = ["rising", "falling"].contains(kind)
        let pointless = [
            ("clear", !isLimit && !isRate), ("for-each", !isLimit), ("per", !isRate),
            ("every", !isLimit && kind != "implausible"),
        ]
        for (name, isPointless) in pointless where isPointless {
            if let node = fields[name] { report(node, "\(key).\(name)", "'\(name)' means nothing beside '\(kind)'") }
        }
    }

    private mutating func condition(
        _ kind: String, _ node: Node, _ fields: [String: Node], key: String
    ) -> SensorRule.Condition? {
        let own = "\(key).\(kind)"
        switch kind {
        case "above": return limits(.above, node, fields, key: key)
        case "below": return limits(.below, node, fields, key: key)
        case "rising", "falling": return rate(kind, node, fields, key: key)
        case "stuck": return positiveDuration(node, key: own).map { .stuck(milliseconds: $0) }
        case "battery":
            let levels = mapping(node, key: own, allowed: ["below", "clear"])
            guard let below = optionalNumber(levels["below"], key: own + ".below", default: 15),
                let clear = optionalNumber(levels["clear"], key: own + ".clear", default: below + 10)
            else { return nil }
            return checkClear(.below, below, clear, levels["clear"] ?? node, key: own + ".clear")
                ? .battery(below: below, clear: clear) : nil
        case "implausible":
            return bounds(node, key: own, default: quantity(fields["quantity"])?.plausible).map {
                .implausible($0)
            }
        default:
            if text(node, key: own) == "true" { return .silent(milliseconds: nil) }
            return positiveDuration(node, key: own).map { .silent(milliseconds: $0) }
        }
    }

    private mutating func limits(
        _ side: SensorRule.Side, _ node: Node, _ fields: [String: Node], key: String
    ) -> SensorRule.Condition? {
        guard
            let general = limit(side, node, fields["clear"], of: nil, key: key, distance: 0)
        else { return nil }
        var limits: [SensorRule.Limit] = []
        for (pattern, nameNode, values) in entries(fields["for-each"], key: key + ".for-each") {
            let own = "\(key).for-each.\(pattern)"
            guard let devices = devicePattern(pattern, nameNode, key: own) else { continue }
            let levels = mapping(values, key: own, allowed: [side.rawValue, "clear"])
            guard let value = levels[side.rawValue] else {
                report(values, own, "'\(side.rawValue)' is needed")
                continue
            }
            if let limit = limit(
                side, value, levels["clear"], of: devices, key: own, distance: general.value - general.clear)
            {
                limits.append(limit)
            }
        }
        return .limit(side, limits + [general])
    }

    /// - Parameter distance: between the limit and the level to resolve at, if the file does not say.
    private mutating func limit(
        _ side: SensorRule.Side, _ node: Node, _ clearNode: Node?, of devices: DevicePattern?, key: String,
        distance: Double
    ) -> SensorRule.Limit? {
        guard let value = number(node, key: "\(key).\(side.rawValue)"),
            let clear = optionalNumber(clearNode, key: key + ".clear", default: value - distance),
            checkClear(side, value, clear, clearNode ?? node, key: key + ".clear")
        else { return nil }
        return SensorRule.Limit(devices: devices, value: value, clear: clear)
    }

    private mutating func rate(
        _ kind: String, _ node: Node, _ fields: [String: Node], key: String
    ) -> SensorRule.Condition? {
        let window = fields["per"].map { positiveDuration($0, key: key + ".per") } ?? 3_600_000
        guard let amount = number(node, key: "\(key).\(kind)"), let window else { return nil }
        guard amount > 0 else {
            report(node, "\(key).\(kind)", "a number above 0 is needed: '\(kind)' says the direction")
            return nil
        }
        guard let clear = optionalNumber(fields["clear"], key: key + ".clear", default: amount / 2),
            checkClear(.above, amount, clear, fields["clear"] ?? node, key: key + ".clear")
        else { return nil }
        let sign: Double = kind == "rising" ? 1 : -1
        return .rate(
            kind == "rising" ? .above : .below, amount: sign * amount, clear: sign * clear, windowMilliseconds: window)
    }

    /// Whether an alert ends on the right side of its limit.
    private mutating func checkClear(
        _ side: SensorRule.Side, _ value: Double, _ clear: Double, _ node: Node, key: String
    ) -> Bool {
        guard side == .above ? clear <= value : clear >= value else {
            report(
                node, key,
                "an alert that begins \(side.rawValue) \(SensorRule.number(value)) can't end at \(SensorRule.number(clear)): "
                    + "'clear' lies on the other side of the limit")
            return false
        }
        return true
    }

    // MARK: Which series

    private mutating func selection(
        _ fields: [String: Node], _ node: Node, kind: String, key: String
    ) -> SensorSelection {
        var selection = SensorSelection(quantity: quantity(fields["quantity"]), matchers: [])
        if kind == "battery", fields["metric"] == nil { selection.quantity = selection.quantity ?? .battery }
        if let node = fields["quantity"], selection.quantity == nil {
            let known = SensorQuantity.allCases.map(\.rawValue).joined(separator: ", ")
            report(
                node, key + ".quantity", "this quantity is not known; there are \(known), or name the metric: 'metric'")
        }
        switch (selection.quantity, fields["metric"]) {
        case (_?, let metric?): report(metric, key + ".metric", "only one of 'quantity' and 'metric' can be named")
        case (let quantity?, nil):
            selection.matchers = [matcher(LabelName.metric, .matches, quantity.names, node, key)].compactMap(\.self)
            if let others = quantity.otherNames {
                selection.matchers += [matcher(LabelName.metric, .doesNotMatch, others, node, key)].compactMap(\.self)
            }
        case (nil, let metric?):
            let own = key + ".metric"
            selection.matchers = [matcher(LabelName.metric, .matches, text(metric, key: own), metric, own)]
                .compactMap(\.self)
        case (nil, nil) where kind == "silent":
            selection.matchers = SilenceRules.readings
        case (nil, nil): report(node, key, "one of 'quantity' and 'metric' is needed")
        }
        selection.plausible = bounds(
            fields["plausible"], key: key + ".plausible", default: selection.quantity?.plausible)
        selection.matchers += devices(fields, key: key)
        return selection
    }

    private mutating func devices(_ fields: [String: Node], key: String) -> [LabelMatcher] {
        var matchers: [LabelMatcher] = []
        for (name, relation) in [("device", LabelMatcher.Operator.matches), ("not", .doesNotMatch)] {
            guard let node = fields[name] else { continue }
            let own = "\(key).\(name)"
            matchers += [matcher(SensorSelection.device, relation, text(node, key: own), node, own)].compactMap(\.self)
        }
        if fields["device"] == nil { matchers += SensorSelection.anyDevice }
        for (name, _, pattern, node) in texts(fields["where"], key: key + ".where") {
            matchers += [matcher(name, .matches, pattern, node, "\(key).where.\(name)")].compactMap(\.self)
        }
        return matchers
    }

    private func quantity(_ node: Node?) -> SensorQuantity? {
        node?.scalar.flatMap { SensorQuantity(rawValue: $0.string) }
    }

    private mutating func matcher(
        _ name: String, _ relation: LabelMatcher.Operator, _ pattern: String, _ node: Node, _ key: String
    ) -> LabelMatcher? {
        if pattern.isEmpty {
            report(node, key, "a pattern is needed, such as (?i).*freezer.*")
            return nil
        }
        do {
            return try LabelMatcher(name, relation, pattern)
        } catch {
            report(node, key, "\(error)")
            return nil
        }
    }

    private mutating func devicePattern(_ pattern: String, _ node: Node, key: String) -> DevicePattern? {
        do {
            return try DevicePattern(pattern)
        } catch {
            report(node, key, "\(error)")
            return nil
        }
    }

    // MARK: Values

    private mutating func bounds(_ node: Node?, key: String, default known: ValueBounds?) -> ValueBounds? {
        guard let node, !RuleYAML.isNull(node), node.scalar?.string != "true" else {
            if known == nil, let node {
                report(node, key, "'below' or 'above' is needed, as the metric is no known quantity")
            }
            return known
        }
        let levels = mapping(node, key: key, allowed: ["below", "above"])
        let bounds = ValueBounds(
            below: levels["below"].flatMap { number($0, key: key + ".below") },
            above: levels["above"].flatMap { number($0, key: key + ".above") })
        if bounds.below == nil, bounds.above == nil {
            report(node, key, "'below' or 'above' is needed")
            return nil
        }
        return bounds
    }

    private mutating func optionalNumber(_ node: Node?, key: String, default missing: Double) -> Double? {
        guard let node, !RuleYAML.isNull(node) else { return missing }
        return number(node, key: key)
    }

    private mutating func number(_ node: Node, key: String) -> Double? {
        guard let value = Double(text(node, key: key)), value.isFinite else {
            report(node, key, "a number is needed, such as -15 or 2.5")
            return nil
        }
        return value
    }

    private mutating func positiveDuration(_ node: Node, key: String) -> Int64? {
        let count = errors.count
        let milliseconds = duration(node, key: key)
        if errors.count == count, !(1...365 * 86_400_000).contains(milliseconds) {
            report(node, key, "a duration above 0 is needed, such as 1h30m, and a year at most")
        }
        return errors.count == count ? milliseconds : nil
    }
}
