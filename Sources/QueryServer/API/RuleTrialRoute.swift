import Hummingbird
import QueryAPI
import Readings

/// `POST /api/v1/rules/try`: what rules would have done on what is stored.
///
/// Parameters, as a form: `rules` (the text of a rule file), `start`; `end` (now, if absent) and `name` (the file's, for messages).
struct RuleTrialRoute: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.post("rules/try", use: run)
    }

    @Sendable private func run(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let end = try parameters.time("end") ?? APITime.now
        let trial = RuleTrialRequest(
            rules: try parameters.required("rules"), name: parameters["name"] ?? "rules",
            start: try parameters.required("start", parameters.time), end: end)
        guard trial.start < end else {
            throw APIError.invalidParameter("end", "end timestamp must be after start time")
        }
        let client = await context.client()
        do {
            return try await lane.answer { [backend] in try backend.tryRules(trial) { client?.hasGone ?? false } }
        } catch let fault as RuleTrialFault {
            throw APIError.badData(fault.description)
        }
    }
}

/// Rules, and the stored time that they are to be tried on.
public struct RuleTrialRequest: Sendable {
    /// The text of a rule file.
    public var rules: String
    /// The file's name in messages.
    public var name: String
    public var start: Timestamp
    public var end: Timestamp

    public init(rules: String, name: String, start: Timestamp, end: Timestamp) {
        self.rules = rules
        self.name = name
        self.start = start
        self.end = end
    }
}

/// Why rules can't be tried: what is wrong with them, or which limit was hit.
public struct RuleTrialFault: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
