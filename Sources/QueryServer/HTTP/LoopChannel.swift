import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 on a connection whose requests are answered on the thread of its own event loop: at once (``AnswersAtHand``), or by
/// tasks.
///
/// Nothing there may block: that is what a ``BlockingLane`` is for. What calculates for long has the cooperative pool.
struct LoopChannel: ServerChildChannel {
    private let http: HTTP1Channel
    private let atHand: QueriesAtHand
    private let quickClients: QuickClients

    init(
        responder: @escaping HTTPChannelHandler.Responder, limits: QueryServer.Limits,
        crowd: ConnectionCrowd, atHand: QueriesAtHand, quickClients: QuickClients
    ) {
        self.atHand = atHand
        self.quickClients = quickClients
        http = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    ConnectionGuard(
                        crowd: crowd, stallTimeout: TimeAmount(limits.stallTimeout),
                        stopTimeout: TimeAmount(limits.stopTimeout))
                ],
                idleTimeout: TimeAmount(limits.idleTimeout)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger).flatMapThrowing { [atHand, quickClients] value in
            let pipeline = channel.pipeline.syncOperations
            // Behind what closes idle connections, which has to see all requests.
            let state = try pipeline.handler(type: HTTPConnectionStateHandler.self)
            try pipeline.addHandler(AnswersAtHand(atHand, quickClients: quickClients), position: .after(state))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await http.handle(value: value, logger: logger)
        }
    }
}
