import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client takes nothing of what is sent to it, so that a reader that stopped holds no memory
/// for ever; and, once the server is stopping, one that is not done after a moment. Whoever else closes one waits until what
/// was written has been taken. It also notes that a client has gone, and tells the crowd of connections whether something is
/// asked on this one.
///
/// It counts writes that are on their way and asks at intervals whether one of them has been completed meanwhile. A
/// client that reads slowly but reads is left alone as long as each piece goes out within the time.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Learns here that it has gone.
    let client = ClientPresence()
    private let crowd: ConnectionCrowd
    private var member: ConnectionCrowd.Member?
    private let stallTimeout: TimeAmount
    private let stopTimeout: TimeAmount
    private var underway = 0
    private var completed: UInt64 = 0
    private var watch: Scheduled<Void>?
    private var stop: Scheduled<Void>?
    /// What of it is to be closed once nothing is underway, and what that completes.
    private var closing: CloseMode?
    private var closed: EventLoopPromise<Void>?

    init(crowd: ConnectionCrowd, stallTimeout: TimeAmount, stopTimeout: TimeAmount) {
        self.crowd = crowd
        self.stallTimeout = stallTimeout
        self.stopTimeout = stopTimeout
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        member = crowd.join(context.channel)
        guard member == nil else { return }
        let head = HTTPResponse(status: .serviceUnavailable, headerFields: [.contentLength: "0", .connection: "close"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nobody would answer it.
        guard closing == nil else { return }
        if case .head = unwrapInboundIn(data) { member?.note(isBusy: true) }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        // What follows it is watched.
        case .head: return context.write(data, promise: promise)
        case .body: break
        case .end: member?.note(isBusy: false)
        }
        let promise = promise ?? context.eventLoop.makePromise()
        underway += 1
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.underway -= 1
            self.completed &+= 1
            if self.underway == 0 { self.closeAtLast(context) }
        }
        if watch == nil { watchProgress(context) }
        context.write(data, promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .input, underway > 0 else { return context.close(mode: mode, promise: promise) }
        closing = closing == .all ? .all : mode
        let closed = closed ?? context.eventLoop.makePromise()
        self.closed = closed
        closed.futureResult.cascade(to: promise)
        context.flush()
    }

    private func closeAtLast(_ context: ChannelHandlerContext) {
        guard let closing, let promise = closed else { return }
        closed = nil
        context.close(mode: closing, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, stop == nil {
            stop = context.eventLoop.assumeIsolated().scheduleTask(in: stopTimeout) { context.close(promise: nil) }
        }
        if case .inputClosed? = event as? ChannelEvent { client.asksNoMore() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let member { crowd.leave(member) }
        client.leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
        stop?.cancel()
    }

    private func watchProgress(_ context: ChannelHandlerContext) {
        let before = completed
        watch = context.eventLoop.assumeIsolated().scheduleTask(in: stallTimeout) {
            self.watch = nil
            guard self.underway > 0 else { return }
            if self.completed == before { context.close(promise: nil) } else { self.watchProgress(context) }
        }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
