import Hummingbird

/// Keeps web pages from changing anything: a page of another site can make a browser post here, but it cannot keep the browser
/// from saying so.
enum WebPageGuard {
    /// - Throws: ``APIError`` if a web page asks, and not by the Unix socket, to which no browser speaks.
    static func check(_ request: Request, _ context: QueryContext) throws(APIError) {
        guard context.isByUnixSocket || request.headers[.origin] == nil else {
            throw APIError(.badData, "nothing is taken from web pages", status: .forbidden)
        }
    }
}
