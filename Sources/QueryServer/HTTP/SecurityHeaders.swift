import Hummingbird

/// What every answer tells the browser not to do with it.
struct SecurityHeaders: RouterMiddleware {
    /// Everything the page needs comes from this server; nobody may frame it. Styles are set by scripts only through the
    /// CSSOM, which the policy does not touch.
    private static let policy =
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func handle(
        _ request: Request, context: QueryContext, next: (Request, QueryContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        SecurityHeaders.add(to: &response.headers)
        return response
    }

    static func add(to fields: inout HTTPFields) {
        fields[.contentSecurityPolicy] = policy
        fields[.xContentTypeOptions] = "nosniff"
        if fields[.cacheControl] == nil { fields[.cacheControl] = "no-store" }
        fields[.crossOriginResourcePolicy] = "same-origin"
    }
}
