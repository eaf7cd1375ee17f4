import HTTPTypes
import NIOCore
import PromQL

/// Queries that are short, and for which nothing need be looked for or waited for, as where a script or a dashboard asks again and
/// again for newest values or for one sensor's day.
///
/// They are answered on threads that others share (`AnswersAtHand`), as the routes would. Where something is wrong, these find out
/// what.
struct QueriesAtHand: Sendable {
    /// A 200 with these fields and, in pieces, this body.
    struct Answer {
        var fields: HTTPFields
        var body: [ByteBuffer]
    }

    private let backend: any QueryBackend
    private let hosts: HostCheck
    private let limits: QueryLimits

    init(configuration: QueryServer.Configuration, backend: any QueryBackend) {
        self.backend = backend
        hosts = HostCheck(configuration)
        limits = configuration.limits.query
    }

    /// What a query may cost here: some hundred microseconds.
    private static let mostCost = QueryLimits(
        maximumPointsPerSeries: 2000, maximumSubquerySteps: 0, maximumSeries: 2000, maximumSamples: 4000,
        maximumPoints: 4000, maximumMemory: 1 << 20, maximumLabelBytes: 1024, timeout: .milliseconds(2))
    /// A longer query may take long for reasons that no limit knows.
    private static let longestQuery = 512
    /// What all parameters may take together, in the target and in the body.
    private static let longestForm = 4096
    private static let instantPath = "/api/v1/query"
    private static let rangePath = "/api/v1/query_range"

    /// Whether `answer` may know an answer to a request with this head.
    func mayKnow(_ head: HTTPRequest) -> Bool {
        guard head.method == .get || head.method == .post, let target = head.path,
            target.hasPrefix(QueriesAtHand.instantPath), target.utf8.count <= QueriesAtHand.longestForm,
            !target.utf8.contains(UInt8(ascii: "#"))
        else { return false }
        return head.headerFields.allSatisfy { field in
            switch field.name {
            case .connection: field.value.lowercased() == "keep-alive"
            case .expect, .upgrade: false
            // A body of a GET means nothing, and is not waited for.
            case .contentLength: head.method == .post || field.value == "0"
            case .transferEncoding: head.method == .post
            default: true
            }
        }
    }

    /// The answer to a request that is whole; nil if it is not at hand, or would be sent compressed: that takes longer than to
    /// wake a thread.
    func answer(_ head: HTTPRequest, _ body: ByteBuffer, byUnixSocket: Bool) -> Answer? {
        guard hosts.allows(head.authority, byUnixSocket: byUnixSocket), let query = query(head, body),
            let source = backend.sourceAtHand()
        else { return nil }
        let mayBeCompressed = GzipAnswers.accepts(head.headerFields[values: .acceptEncoding])
        var options = query.options
        options.limits = QueriesAtHand.mostCost
        options.limits.timeout = min(options.limits.timeout, query.options.limits.timeout)
        // More points than that fill an answer that is compressed.
        if mayBeCompressed { options.limits.maximumPoints = GzipAnswers.leastBytes / 16 }
        guard let answer = try? query.run(source, options) else { return nil }
        var pieces = query.pieces(answer)
        var body: [ByteBuffer] = []
        while let piece = pieces.next() { body.append(piece) }
        let length = body.reduce(0) { $0 + $1.readableBytes }
        guard !mayBeCompressed || length < GzipAnswers.leastBytes else { return nil }
        var fields = QueriesAtHand.fields
        fields[.contentLength] = String(length)
        return Answer(fields: fields, body: body)
    }

    private func query(_ head: HTTPRequest, _ body: ByteBuffer) -> AskedQuery? {
        guard let target = head.path, body.readableBytes <= QueriesAtHand.longestForm else { return nil }
        let end = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        var texts = [target[end...].dropFirst().utf8]
        if head.method == .post {
            guard let text = try? RequestForm.text(body, head.headerFields) else { return nil }
            texts.insert(text[...].utf8, at: 0)
        }
        guard let form = try? FormParameters(texts), let text = form["query"],
            text.utf8.count <= QueriesAtHand.longestQuery
        else { return nil }
        switch target[..<end] {
        case QueriesAtHand.instantPath: return try? .instant(form, within: limits)
        case QueriesAtHand.rangePath: return try? .range(form, within: limits)
        default: return nil
        }
    }

    private static let fields: HTTPFields = {
        var fields: HTTPFields = [.contentType: APIAnswer.contentType]
        GzipAnswers.addVary(to: &fields)
        SecurityHeaders.add(to: &fields)
        return fields
    }()
}
