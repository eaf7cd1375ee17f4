import Foundation
import Hummingbird
import QueryAPI
import Readings

/// `GET|POST /api/v1/rules`: the rules that are loaded with their alerts, all or some, as Prometheus chooses them (HTTP API, "Rules").
struct RulesRoute: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) { api.ask("rules", use: rules) }

    private struct Page: Codable, Sendable {
        var groups: [RuleGroupReport]
        /// What to ask for as `group_next_token` if there are more
        var groupNextToken: String?
    }

    @Sendable private func rules(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let choice = try RuleChoice(parameters)
        let page = try PageWish(parameters)
        return try await lane.answer { [backend] in try page.of(choice.groups(of: backend.ruleGroups())) }
    }

    /// `group_limit` and `group_next_token`: so many groups, from that one on.
    private struct PageWish: Sendable {
        let limit: Int?
        let first: String?

        init(_ parameters: FormParameters) throws(APIError) {
            first = parameters["group_next_token"]
            guard let text = parameters["group_limit"] else {
                limit = nil
                guard first == nil else {
                    throw .badData("group_limit needs to be provided in order to paginate over the groups")
                }
                return
            }
            guard let number = Int(text), number > 0 else {
                throw .invalidParameter("group_limit", "it must be a whole number above 0")
            }
            limit = number
        }

        func of(_ groups: [RuleGroupReport]) throws(APIError) -> Page {
            var rest = groups[...]
            if let first {
                guard let place = groups.firstIndex(where: { PageWish.token($0) == first }) else {
                    throw .invalidParameter("group_next_token", "there is no such group; were the rules changed?")
                }
                rest = groups[place...]
            }
            guard let limit, limit < rest.count else { return Page(groups: Array(rest)) }
            return Page(
                groups: Array(rest.prefix(limit)), groupNextToken: rest.dropFirst(limit).first.map(PageWish.token))
        }

        private static func token(_ group: RuleGroupReport) -> String {
            Data("\(group.file);\(group.name)".utf8).base64EncodedString().replacing("+", with: "-")
        }
    }
}

/// Which rules are asked for: `type`, `rule_name[]`, `rule_group[]`, `file[]`, `match[]` and `exclude_alerts`.
private struct RuleChoice: Sendable {
    private let type: String?
    private let names: Set<String>
    private let groups: Set<String>
    private let files: Set<String>
    /// Conditions on the rules' own labels, of which any one is to be met; none if there are no such.
    private let selectors: [[LabelMatcher]]
    private let excludesAlerts: Bool

    init(_ parameters: FormParameters) throws(APIError) {
        switch parameters["type"] {
        case nil: type = nil
        case "alert": type = RuleReport.alerting
        case "record": type = RuleReport.recording
        case let other?: throw .invalidParameter("type", "not supported value \"\(other)\"")
        }
        names = Set(parameters.all("rule_name[]"))
        groups = Set(parameters.all("rule_group[]"))
        files = Set(parameters.all("file[]"))
        selectors = try parameters.selectors()
        switch parameters["exclude_alerts"]?.lowercased() {
        case nil, "0", "f", "false": excludesAlerts = false
        case "1", "t", "true": excludesAlerts = true
        case let other?: throw .invalidParameter("exclude_alerts", "it must be true or false, not \"\(other)\"")
        }
    }

    /// Groups of which no rule is wanted are left out, if rules are chosen at all.
    func groups(of all: [RuleGroupReport]) -> [RuleGroupReport] {
        let choosesRules = type != nil || !names.isEmpty || !selectors.isEmpty
        return all.compactMap { group in
            guard groups.isEmpty || groups.contains(group.name), files.isEmpty || files.contains(group.file) else {
                return nil
            }
            var kept = group
            kept.rules = group.rules.filter(isWanted)
            if excludesAlerts { for index in kept.rules.indices { kept.rules[index].alerts = [] } }
            return choosesRules && kept.rules.isEmpty ? nil : kept
        }
    }

    private func isWanted(_ rule: RuleReport) -> Bool {
        guard type == nil || rule.type == type, names.isEmpty || names.contains(rule.name) else { return false }
        guard !selectors.isEmpty else { return true }
        // What a label with a template in it will be is not known.
        let labels = Labels(rule.labels.filter { !$0.value.contains("{{") }.map { Label($0.key, $0.value) })
        return selectors.contains { matchers in matchers.allSatisfy { $0.matches(labels) } }
    }
}
