import Hummingbird
import NIOCore
import QueryAPI
import ServiceLifecycle

/// `GET /api/v1/live`: readings as they become durable, as server-sent events (HTML Standard §9.2).
struct LiveRoute: Sendable {
    /// How many readings may wait for a client before it is told to start again.
    private static let backlog = 256

    let backend: any QueryBackend
    /// How often a comment shows both sides that the other is there.
    let heartbeat: Duration

    func add(to api: RouterGroup<QueryContext>) {
        api.get("live", use: live)
    }

    private enum Event: Sendable {
        case reading(LiveReading)
        case heartbeat
    }

    @Sendable private func live(_ request: Request, _ context: QueryContext) async throws -> Response {
        let selectors = try await FormParameters.of(request, context).selectors()
        let body = ResponseBody { [backend, heartbeat] writer in
            let (events, continuation) = AsyncStream.makeStream(
                of: Event.self, bufferingPolicy: .bufferingOldest(LiveRoute.backlog))
            let readings = backend.live(matching: selectors)
            // Headers leave with the first bytes: the client learns at once that it is connected.
            try await writer.write(ByteBuffer(string: ": connected\n\n"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await reading in readings {
                        // A client that is so far behind is cut; it comes again and loads what it missed.
                        if case .dropped = continuation.yield(.reading(reading)) { break }
                    }
                    continuation.finish()
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: heartbeat)
                        continuation.yield(.heartbeat)
                    }
                }
                defer { group.cancelAll() }
                try await withGracefulShutdownHandler {
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        for await event in events { try await writer.write(LiveRoute.text(event)) }
                    } onInboundClosed: {
                        continuation.finish()
                    }
                } onGracefulShutdown: {
                    continuation.finish()
                }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private static func text(_ event: Event) throws -> ByteBuffer {
        switch event {
        case .heartbeat:
            return ByteBuffer(string: ": still here\n\n")
        case .reading(let reading):
            var out = ByteBuffer(string: "event: reading\ndata: ")
            out.writeBytes(try APIAnswer.encoded(reading))
            out.writeStaticString("\n\n")
            return out
        }
    }
}
