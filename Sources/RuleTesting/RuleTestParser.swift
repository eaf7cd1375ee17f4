import Alerting
import Foundation
import PromQL
import PromQLScripts
import Readings
import Yams

/// Turns the YAML of a test file into tests: strict about keys, and with all mistakes of the file at once.
struct RuleTestParser {
    private let path: String
    private var yaml: RuleYAML

    init(path: String, ignoresUnknownKeys: Bool) {
        self.path = path
        yaml = RuleYAML(path: path, ignoresUnknownKeys: ignoresUnknownKeys)
    }

    mutating func parse(_ text: String) throws(RuleFileErrors) -> RuleTestFile {
        let file = file(yaml.firstDocument(of: text) ?? Node(""))
        guard yaml.errors.isEmpty else { throw RuleFileErrors(errors: yaml.errors) }
        return file
    }

    private mutating func file(_ root: Node) -> RuleTestFile {
        let fields = yaml.mapping(
            root, key: "",
            allowed: ["rule_files", "evaluation_interval", "fuzzy_compare", "group_eval_order", "tests"])
        let interval = interval(fields["evaluation_interval"], key: "evaluation_interval", default: 60_000)
        var order: [String] = []
        for (index, node) in yaml.sequence(fields["group_eval_order"], key: "group_eval_order").enumerated() {
            let name = yaml.text(node, key: "group_eval_order[\(index)]")
            if order.contains(name) {
                yaml.report(
                    node, "group_eval_order[\(index)]", "group name repeated in evaluation order: \(name)")
            }
            order.append(name)
        }
        let tests = yaml.sequence(fields["tests"], key: "tests").enumerated().map { index, node in
            test(node, key: "tests[\(index)]", interval: interval)
        }
        return RuleTestFile(
            path: path, ruleFiles: ruleFiles(fields["rule_files"]), evaluationInterval: interval,
            comparesFuzzily: flag(fields["fuzzy_compare"], key: "fuzzy_compare"), groupOrder: order, tests: tests,
            warnings: yaml.warnings)
    }

    /// The files that the patterns name, seen from the test file.
    private mutating func ruleFiles(_ node: Node?) -> [String] {
        let folder = URL(filePath: path).deletingLastPathComponent()
        var found: [String] = []
        for (index, node) in yaml.sequence(node, key: "rule_files").enumerated() {
            let pattern = yaml.text(node, key: "rule_files[\(index)]")
            let files = pattern.isEmpty ? [] : FilePattern.matches(RuleTestParser.path(pattern, from: folder))
            if files.isEmpty { yaml.warn("no rule file matches \"\(pattern)\"", line: node.mark?.line ?? 0) }
            found += files.filter { !found.contains($0) }
        }
        return found
    }

    /// Without detours, so that a file is not taken for two.
    private static func path(_ pattern: String, from folder: URL) -> String {
        let path = URL(filePath: pattern, relativeTo: folder).absoluteURL.standardized.path
        return "/" + path.split(separator: "/").joined(separator: "/")
    }

    private mutating func test(_ node: Node, key: String, interval: Int64) -> RuleTest {
        let fields = yaml.mapping(
            node, key: key,
            allowed: [
                "interval", "name", "input_series", "alert_rule_test", "promql_expr_test", "external_labels",
                "external_url", "start_timestamp",
            ])
        let labels = yaml.texts(fields["external_labels"], key: key + ".external_labels")
        let series = yaml.sequence(fields["input_series"], key: key + ".input_series").enumerated().compactMap {
            self.series($1, key: key + ".input_series[\($0)]")
        }
        let alerts = yaml.sequence(fields["alert_rule_test"], key: key + ".alert_rule_test").enumerated().map {
            alertCase($1, key: key + ".alert_rule_test[\($0)]")
        }
        let expressions = yaml.sequence(fields["promql_expr_test"], key: key + ".promql_expr_test").enumerated().map {
            expressionCase($1, key: key + ".promql_expr_test[\($0)]")
        }
        return RuleTest(
            name: yaml.text(fields["name"], key: key + ".name"), line: node.mark?.line ?? 0,
            interval: self.interval(fields["interval"], key: key + ".interval", default: interval),
            start: time(fields["start_timestamp"], key: key + ".start_timestamp") ?? Timestamp(milliseconds: 0),
            series: series,
            external: ExternalIdentity(
                labels: Labels(labels.map { Label($0.name, $0.value) }),
                url: yaml.text(fields["external_url"], key: key + ".external_url")),
            alertCases: alerts, expressionCases: expressions)
    }

    private mutating func series(_ node: Node, key: String) -> SeriesNotation? {
        let fields = yaml.mapping(node, key: key, allowed: ["series", "values"])
        let series = yaml.text(fields["series"], key: key + ".series")
        let values = yaml.text(fields["values"], key: key + ".values")
        do {
            return try SeriesNotation(series + " " + values.replacing("\n", with: " "))
        } catch {
            let isHistogram = error.isNativeHistogram
            yaml.report(
                fields[isHistogram ? "values" : "series"] ?? node, key,
                isHistogram ? "native histograms are not available: take this series out" : "\(series): \(error)")
            return nil
        }
    }

    private mutating func alertCase(_ node: Node, key: String) -> RuleTest.AlertCase {
        let fields = yaml.mapping(node, key: key, allowed: ["eval_time", "alertname", "exp_alerts"])
        let name = yaml.text(fields["alertname"], key: key + ".alertname")
        if name.isEmpty {
            yaml.report(
                fields["alertname"] ?? node, key + ".alertname",
                "an item under alert_rule_test misses required attribute alertname")
        }
        var expected: [FiringAlert] = []
        for (index, node) in yaml.sequence(fields["exp_alerts"], key: key + ".exp_alerts").enumerated() {
            let key = key + ".exp_alerts[\(index)]"
            let fields = yaml.mapping(node, key: key, allowed: ["exp_labels", "exp_annotations"])
            var labels = texts(fields["exp_labels"], key: key + ".exp_labels")
            labels[AlertLabel.name] = name
            expected.append(
                FiringAlert(
                    labels: labels, annotations: texts(fields["exp_annotations"], key: key + ".exp_annotations")))
        }
        return RuleTest.AlertCase(
            line: node.mark?.line ?? 0, time: yaml.duration(fields["eval_time"], key: key + ".eval_time"),
            alertName: name, expected: expected)
    }

    private mutating func expressionCase(_ node: Node, key: String) -> RuleTest.ExpressionCase {
        let fields = yaml.mapping(node, key: key, allowed: ["expr", "eval_time", "exp_samples"])
        var expected: [RuleTest.ExpectedSample] = []
        for (index, node) in yaml.sequence(fields["exp_samples"], key: key + ".exp_samples").enumerated() {
            let key = key + ".exp_samples[\(index)]"
            let fields = yaml.mapping(node, key: key, allowed: ["labels", "value", "histogram"])
            if let histogram = fields["histogram"], !RuleYAML.isNull(histogram) {
                yaml.report(histogram, key + ".histogram", "native histograms are not available: take this case out")
            }
            expected.append(
                RuleTest.ExpectedSample(
                    labels: labels(fields["labels"], key: key + ".labels"),
                    value: number(fields["value"], key: key + ".value")))
        }
        return RuleTest.ExpressionCase(
            line: node.mark?.line ?? 0, time: yaml.duration(fields["eval_time"], key: key + ".eval_time"),
            expression: yaml.text(fields["expr"], key: key + ".expr"), expected: expected)
    }

    // MARK: Values

    private mutating func texts(_ node: Node?, key: String) -> [String: String] {
        let texts = yaml.texts(node, key: key)
        return Dictionary(texts.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    private mutating func interval(_ node: Node?, key: String, default missing: Int64) -> Int64 {
        let interval = yaml.duration(node, key: key)
        return interval == 0 ? missing : interval
    }

    /// Unix seconds or RFC 3339.
    private mutating func time(_ node: Node?, key: String) -> Timestamp? {
        guard let node, !RuleYAML.isNull(node) else { return nil }
        do {
            return try PromQLTime.parse(yaml.text(node, key: key))
        } catch {
            yaml.report(node, key, "\(error)")
            return nil
        }
    }

    private mutating func flag(_ node: Node?, key: String) -> Bool {
        guard let node, !RuleYAML.isNull(node) else { return false }
        switch yaml.text(node, key: key).lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            yaml.report(node, key, "true or false is needed")
            return false
        }
    }

    /// `name{label="value"}`; nothing means no labels.
    private mutating func labels(_ node: Node?, key: String) -> Labels {
        let text = yaml.text(node, key: key).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let node, !text.isEmpty else { return [:] }
        do {
            let (labels, length) = try LabelSetNotation.read(text)
            if length != text.utf8.count { yaml.report(node, key, "\(text): there is something behind the labels") }
            return labels
        } catch {
            yaml.report(node, key, "\(text): \(error)")
            return [:]
        }
    }

    /// A number as YAML writes it, `.inf` and `.nan` among them; nothing means 0.
    private mutating func number(_ node: Node?, key: String) -> Double {
        guard let node, !RuleYAML.isNull(node) else { return 0 }
        if let whole = RuleYAML.integer(node) { return Double(whole) }
        guard RuleYAML.isPlain(node) else {
            yaml.report(node, key, "a number is needed, without quotes")
            return 0
        }
        let text = yaml.text(node, key: key).replacing("_", with: "").lowercased()
        let size = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let value: Double?
        switch size {
        case ".inf", "inf": value = .infinity
        case ".nan", "nan": value = .nan
        default: value = size.first.map { $0.isNumber || $0 == "." } == true ? Double(size) : nil
        }
        guard let value else {
            yaml.report(node, key, "\"\(text)\" is no number")
            return 0
        }
        return text.first == "-" ? -value : value
    }
}
