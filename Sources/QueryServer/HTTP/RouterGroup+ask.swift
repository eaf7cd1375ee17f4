import Hummingbird

extension RouterGroup<QueryContext> {
    /// What only asks can be asked by GET and by POST, its parameters in the URL or in a form (Prometheus's HTTP API, "Expression
    /// queries").
    func ask(
        _ path: RouterPath, use handler: @Sendable @escaping (Request, QueryContext) async throws -> Response
    ) {
        for method in [HTTPRequest.Method.get, .post] { on(path, method: method, use: handler) }
    }
}
