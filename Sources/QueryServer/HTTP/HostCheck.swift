import Hummingbird

/// Refuses requests by TCP that were not sent to this machine by name.
///
/// A page of another site can have its own name resolve to 127.0.0.1 and then read our answers as if they were its own
/// (DNS rebinding). The browser still says in the Host header which name it asked for; only names that can't belong to
/// others are served. The Unix socket needs no such check: no browser speaks to it.
struct HostCheck: RouterMiddleware {
    /// Names besides the loopback ones, in lower case: those that a proxy passes on.
    private let allowed: Set<String>

    init(_ configuration: QueryServer.Configuration) {
        allowed = Set(configuration.hosts.map { $0.lowercased() })
    }

    func handle(
        _ request: Request, context: QueryContext, next: (Request, QueryContext) async throws -> Response
    ) async throws -> Response {
        guard allows(request.head.authority, byUnixSocket: context.isByUnixSocket) else {
            return PlainText.response(
                "this server answers only under the names of this machine itself: open http://localhost instead\n",
                status: .forbidden)
        }
        return try await next(request, context)
    }

    /// Whether a request for `authority` (RFC 3986 §3.2) is answered.
    func allows(_ authority: String?, byUnixSocket: Bool) -> Bool {
        if byUnixSocket { return true }
        guard let authority, let (host, _) = HostAndPort.split(authority) else { return false }
        return HostAndPort.isLoopback(host) || allowed.contains(host.lowercased())
    }
}
