import PromQL
import Readings
import Yams

/// Turns the YAML of a rule file into rules, as Prometheus's `rulefmt` does: strict about keys, and with all mistakes
/// of the file at once.
struct RuleFileParser {
    private let path: String
    private var yaml: RuleYAML
    private var ruleCount = 0
    /// The line of the first rule of each identity, to find rules that are there twice.
    private var lines: [Labels: Int] = [:]
    /// Whether a rule of silence has been read: the rules that all of them share are in the file then …
    private var learnsCadence = false
    /// … at these places of a group, and in the group that learns.
    private var sharedPlaces: (group: RuleGroup.ID, places: Range<Int>)?
    private var learningGroup: RuleGroup.ID?

    init(path: String, ignoresUnknownKeys: Bool) {
        self.path = path
        yaml = RuleYAML(path: path, ignoresUnknownKeys: ignoresUnknownKeys)
    }

    mutating func parse(_ text: String) throws(RuleFileErrors) -> RuleFile {
        let groups = groups(in: text)
        guard yaml.errors.isEmpty else { throw RuleFileErrors(errors: yaml.errors) }
        return RuleFile(
            path: path, groups: groups, groupsBesideSilence: withoutShared(groups), warnings: yaml.warnings, text: text)
    }

    /// Without what rules of silence share.
    private func withoutShared(_ groups: [RuleGroup]) -> [RuleGroup]? {
        guard let sharedPlaces else { return nil }
        return groups.filter { $0.id != learningGroup }.map { group in
            guard group.id == sharedPlaces.group else { return group }
            var own = group.rules
            own.removeSubrange(sharedPlaces.places.clamped(to: own.indices))
            return group.having(own)
        }
    }

    private mutating func groups(in text: String) -> [RuleGroup] {
        guard let root = yaml.firstDocument(of: text) else { return [] }
        let fields = yaml.mapping(root, key: "", allowed: ["groups"])
        var groups: [RuleGroup] = []
        var names: Set<String> = []
        for (index, node) in yaml.sequence(fields["groups"], key: "groups").enumerated() {
            let learnsAlready = learnsCadence
            guard let group = group(node, key: "groups[\(index)]") else { continue }
            if !names.insert(group.id.name).inserted {
                yaml.report(
                    node, "groups[\(index)].name", "groupname: \"\(group.id.name)\" is repeated in the same file",
                    vietnamese: "tên nhóm \"\(group.id.name)\" lặp lại trong cùng tệp")
            }
            groups.append(group)
            if learnsCadence, !learnsAlready { groups.append(cadenceGroup(beside: group, node)) }
        }
        return groups
    }

    /// The hourly rules that learn what silence is, in a group of their own.
    private mutating func cadenceGroup(beside group: RuleGroup, _ node: Node) -> RuleGroup {
        let line = node.mark?.line ?? 0
        let id = RuleGroup.ID(file: path, name: group.id.name + " learns")
        learningGroup = id
        return RuleGroup(
            id: id,
            intervalMilliseconds: CadenceRules.intervalMilliseconds, limit: 0,
            queryOffsetMilliseconds: group.queryOffsetMilliseconds,
            rules: CadenceRules.rules.compactMap { plainRule($0, node, line: line) })
    }

    private mutating func group(_ node: Node, key: String) -> RuleGroup? {
        let fields = yaml.mapping(
            node, key: key, allowed: ["name", "interval", "limit", "query_offset", "labels", "rules"])
        let name = yaml.text(fields["name"], key: key + ".name")
        if name.isEmpty {
            yaml.report(
                fields["name"] ?? node, key + ".name", "Groupname must not be empty",
                vietnamese: "tên nhóm không được để trống")
        }
        let interval = yaml.duration(fields["interval"], key: key + ".interval")
        let limit = limit(fields["limit"], key: key + ".limit")
        let labels = labels(fields["labels"], key: key + ".labels")
        var rules: [Rule] = []
        for (index, ruleNode) in yaml.sequence(fields["rules"], key: key + ".rules").enumerated() {
            ruleCount += 1
            guard ruleCount <= RuleFile.maximumRules else {
                yaml.report(
                    ruleNode, key + ".rules", "the file has more than \(RuleFile.maximumRules) rules; divide it",
                    vietnamese: "tệp có hơn \(RuleFile.maximumRules) quy tắc; hãy chia nhỏ tệp")
                return nil
            }
            let watchedSilence = learnsCadence
            let found = self.rules(ruleNode, groupLabels: labels, key: key + ".rules[\(index)]")
            for rule in found {
                if let first = lines[rule.identity] {
                    yaml.warn("\(rule.name): the rule in line \(first) has the same name and labels", line: rule.line)
                } else {
                    lines[rule.identity] = rule.line
                }
            }
            if !watchedSilence, learnsCadence {
                let places = rules.count..<rules.count + max(0, found.count - 1)
                sharedPlaces = (RuleGroup.ID(file: path, name: name), places)
            }
            rules += found
            if !watchedSilence, learnsCadence, interval > SilenceRules.longestIntervalMilliseconds {
                yaml.report(
                    fields["interval"] ?? node, key + ".interval",
                    "a rule of silence must be evaluated every two minutes at least")
            }
        }
        return RuleGroup(
            id: RuleGroup.ID(file: path, name: name), intervalMilliseconds: interval == 0 ? nil : interval,
            limit: limit,
            queryOffsetMilliseconds: yaml.duration(fields["query_offset"], key: key + ".query_offset"), rules: rules)
    }

    /// 0, as for nothing and for what is below: none. A number with a point or an exponent will do if it is whole.
    private mutating func limit(_ node: Node?, key: String) -> Int {
        guard let node, !RuleYAML.isNull(node) else { return 0 }
        let decimal = RuleYAML.isPlain(node) ? node.scalar.flatMap { Double($0.string) } : nil
        guard let limit = RuleYAML.integer(node) ?? decimal.flatMap({ Int(exactly: $0) }) else {
            yaml.report(node, key, "a whole number is needed")
            return 0
        }
        return max(0, limit)
    }

    /// The rule that stands there, or the rules that its short form expands to; none if there is a mistake in it.
    private mutating func rules(_ node: Node, groupLabels: [Entry], key: String) -> [Rule] {
        let fields = yaml.mapping(
            node, key: key,
            allowed: ["record", "alert", "expr", "sensor", "for", "keep_firing_for", "labels", "annotations"])
        guard let sensor = fields["sensor"] else {
            return [rule(node, fields, groupLabels: groupLabels, key: key)].compactMap(\.self)
        }
        return sensorRules(sensor, node, fields, groupLabels: groupLabels, key: key)
    }

    private mutating func rule(
        _ node: Node, _ fields: [String: Node], groupLabels: [Entry], key: String
    ) -> Rule? {
        let count = yaml.errors.count
        let alert = yaml.text(fields["alert"], key: key + ".alert")
        let record = yaml.text(fields["record"], key: key + ".record")
        let expression = yaml.text(fields["expr"], key: key + ".expr")
        let labels = labels(of: fields, groupLabels: groupLabels, key: key)
        if expression.isEmpty {
            yaml.report(fields["expr"] ?? node, key + ".expr", "field 'expr' must be set in rule")
        }
        let query = expression.isEmpty ? nil : self.query(expression, at: fields["expr"] ?? node, key: key + ".expr")
        let line = node.mark?.line ?? 0
        let rule: Rule?
        switch (alert.isEmpty, record.isEmpty) {
        case (true, true):
            yaml.report(node, key, "one of 'record' or 'alert' must be set")
            return nil
        case (false, false):
            yaml.report(node, key, "only one of 'record' and 'alert' must be set")
            return nil
        case (true, false):
            checkRecording(record, fields, node, key: key)
            let recorded = labels.map { Label($0.name, $0.source) }
            rule = query.map { .recording(RecordingRule(name: record, query: $0, labels: recorded, line: line)) }
        case (false, true):
            let hold = yaml.duration(fields["for"], key: key + ".for")
            let keep = yaml.duration(fields["keep_firing_for"], key: key + ".keep_firing_for")
            let templates = self.templates(labels)
            let annotations = self.templates(annotations(fields["annotations"], key: key + ".annotations"))
            rule = query.map {
                .alerting(
                    AlertingRule(
                        name: alert, query: $0, forMilliseconds: hold, keepFiringForMilliseconds: keep,
                        labels: templates, annotations: annotations, line: line, sensor: nil))
            }
        }
        return yaml.errors.count == count ? rule : nil
    }

    // MARK: The short form

    private mutating func sensorRules(
        _ sensorNode: Node, _ node: Node, _ fields: [String: Node], groupLabels: [Entry], key: String
    ) -> [Rule] {
        let (count, own) = (yaml.errors.count, key + ".sensor")
        let name = yaml.text(fields["alert"], key: key + ".alert")
        if name.isEmpty { yaml.report(node, key, "a rule with 'sensor' is an alert: 'alert' must be set") }
        for field in ["record", "expr"] {
            if let other = fields[field] {
                yaml.report(other, key + "." + field, "'\(field)' can't stand beside 'sensor', which stands for it")
            }
        }
        let hold = fields["for"].map { yaml.duration($0, key: key + ".for") }
        let keep = yaml.duration(fields["keep_firing_for"], key: key + ".keep_firing_for")
        let labels = templates(labels(of: fields, groupLabels: groupLabels, key: key))
        let texts = templates(annotations(fields["annotations"], key: key + ".annotations"))
        guard let sensor = yaml.sensorRule(sensorNode, key: own), yaml.errors.count == count else { return [] }
        let timing = sensor.timing(hold: hold)
        if sensor.readsLastValue, timing.hold > 0, timing.every >= timing.hold {
            yaml.report(
                fields["for"] ?? sensorNode, key + ".for",
                "'for' must be longer than 'every' (\(SensorRule.duration(timing.every))): else one reading with silence "
                    + "behind it would ring")
            return []
        }
        let line = node.mark?.line ?? 0
        let alert = OwnAlert(name: name, labels: labels.constants)
        let expanded = plainRule(
            sensor.expanded(alert, hold: hold), sensorNode, line: line, labels: labels, annotations: texts,
            keepMilliseconds: keep)
        guard case .silent = sensor.condition, !learnsCadence else { return [expanded].compactMap(\.self) }
        learnsCadence = true
        let shared = SilenceRules.shared(beside: alert).map { plainRule($0, sensorNode, line: line, labels: labels) }
        return (shared + [expanded]).compactMap(\.self)
    }

    /// A rule that we have written. What it could not be read for is in what the file gave to it.
    private mutating func plainRule(
        _ plain: PlainRule, _ node: Node, line: Int, labels: [AlertField] = [], annotations: [AlertField] = [],
        keepMilliseconds: Int64 = 0
    ) -> Rule? {
        guard let query = query(plain.expression, at: node, key: "sensor") else { return nil }
        guard plain.kind == .alert else {
            return .recording(RecordingRule(name: plain.name, query: query, labels: [], line: line))
        }
        let texts = plain.annotations.compactMap { text in
            (try? AlertTemplate(text.text)).map { AlertField(name: text.name, template: $0) }
        }
        return .alerting(
            AlertingRule(
                name: plain.name, query: query, forMilliseconds: plain.holdMilliseconds,
                keepFiringForMilliseconds: keepMilliseconds, labels: labels,
                annotations: annotations.isEmpty ? texts : annotations, line: line, sensor: node.inALine))
    }

    /// What a recording rule may not have, and what its name may not be.
    private mutating func checkRecording(_ name: String, _ fields: [String: Node], _ node: Node, key: String) {
        for field in ["for", "keep_firing_for"] where yaml.duration(fields[field], key: key + "." + field) != 0 {
            yaml.report(fields[field] ?? node, key + "." + field, "invalid field '\(field)' in recording rule")
        }
        if !yaml.texts(fields["annotations"], key: key + ".annotations").isEmpty {
            yaml.report(
                fields["annotations"] ?? node, key + ".annotations", "invalid field 'annotations' in recording rule")
        }
        if name.contains(where: { $0 == "{" || $0 == "}" }) {
            yaml.report(
                fields["record"] ?? node, key + ".record",
                "braces present in the recording rule name; should it be in expr?: \(name)")
        }
    }

    private mutating func query(_ expression: String, at node: Node, key: String) -> Query? {
        do {
            let query = try Query(expression, isAskedOften: true)
            guard query.isVector || query.isScalar else {
                yaml.report(node, key, "a rule's expression must be a vector or a number, not a text or a range")
                return nil
            }
            return query
        } catch {
            yaml.report(node, key, "could not parse expression: \(error)")
            return nil
        }
    }

    // MARK: Labels and annotations

    /// A label or annotation as it stands in the file.
    private struct Entry {
        var name: String
        var source: String
        var node: Node
        var key: String
    }

    /// The group's and the rule's own, which win.
    private mutating func labels(of fields: [String: Node], groupLabels: [Entry], key: String) -> [Entry] {
        let own = labels(fields["labels"], key: key + ".labels")
        let names = Set(own.map(\.name))
        return groupLabels.filter { !names.contains($0.name) } + own
    }

    private mutating func labels(_ node: Node?, key: String) -> [Entry] {
        entries(node, key: key) { $0 == LabelName.metric || $0.isEmpty ? "invalid label name: \"\($0)\"" : nil }
    }

    private mutating func annotations(_ node: Node?, key: String) -> [Entry] {
        entries(node, key: key) { $0.isEmpty ? "invalid annotation name: \"\($0)\"" : nil }
    }

    private mutating func entries(_ node: Node?, key: String, complaint: (String) -> String?) -> [Entry] {
        yaml.texts(node, key: key).map { name, nameNode, source, valueNode in
            if let complaint = complaint(name) { yaml.report(nameNode, key, complaint) }
            return Entry(name: name, source: source, node: valueNode, key: key + "." + name)
        }
    }

    private mutating func templates(_ entries: [Entry]) -> [AlertField] {
        entries.compactMap { entry in
            do {
                return AlertField(name: entry.name, template: try AlertTemplate(entry.source))
            } catch {
                yaml.report(entry.node, entry.key, "error parsing template: \(error)")
                return nil
            }
        }
    }
}
