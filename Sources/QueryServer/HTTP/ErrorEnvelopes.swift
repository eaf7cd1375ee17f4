import Hummingbird
import Logging
import PromQL

/// Turns whatever a route throws into Prometheus's envelope with the status that belongs to it.
struct ErrorEnvelopes: RouterMiddleware {
    func handle(
        _ request: Request, context: QueryContext, next: (Request, QueryContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            return APIAnswer.error(error)
        } catch let error as PromQLError {
            return APIAnswer.error(APIError(error))
        } catch let error as HTTPError where error.status == .notFound {
            guard request.uri.path.hasPrefix("/api/") else {
                return PlainText.response("not found: the page is at /\n", status: .notFound)
            }
            return APIAnswer.error(APIError(.notFound, "there is nothing at \(request.method) \(request.uri.path)"))
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return APIAnswer.error(APIError(.internal, "\(error)"))
        }
    }
}
