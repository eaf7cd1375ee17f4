import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers on the connection's thread what can be answered at once, before a task is made for the request: that, and what wakes
/// tasks, takes as long as the answer.
///
/// All else goes on to the routes as it came. Answers keep the order of requests: while the routes have one, what follows is
/// theirs, too.
final class AnswersAtHand: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long requests that were read together may keep others of the thread waiting.
    private static let turn = TimeAmount.milliseconds(1)

    private let queries: QueriesAtHand
    private let quickClients: QuickClients
    private var client: QuickClient?
    private var isByUnixSocket = false
    private var date = DateField()
    /// What has come of a request that is not whole, and may be answered here.
    private var held: [HTTPRequestPart] = []
    /// Requests that the routes have and have not answered.
    private var underway = 0
    /// When the first was answered of the requests that were read together.
    private var turnBegan: NIODeadline?

    init(_ queries: QueriesAtHand, quickClients: QuickClients) {
        self.queries = queries
        self.quickClients = quickClients
    }

    func handlerAdded(context: ChannelHandlerContext) {
        client = QuickClient(context.channel, among: quickClients)
        isByUnixSocket = context.channel.isUnixSocket
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .head(let head) = part, underway == 0, queries.mayKnow(head) {
            return held.append(part)
        }
        guard case .head(let head)? = held.first else { return pass(part, context) }
        held.append(part)
        guard case .end = part else { return }
        if isOurTurn(context), let answer = queries.answer(head, body, byUnixSocket: isByUnixSocket) {
            held.removeAll(keepingCapacity: true)
            send(answer, context)
        } else {
            passHeld(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A request that does not come in one piece is not waited for here.
        passHeld(context)
        context.fireChannelReadComplete()
        guard turnBegan != nil else { return }
        turnBegan = nil
        if underway == 0 { client?.stayAwake(context.pipeline) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { underway -= 1 }
        context.write(data, promise: promise)
    }

    private func passHeld(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else { return }
        let parts = held
        held = []
        for part in parts { pass(part, context) }
    }

    private func pass(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        if case .head = part { underway += 1 }
        context.fireChannelRead(wrapInboundOut(part))
    }

    private var body: ByteBuffer {
        var body = ByteBuffer()
        for case .body(var piece) in held { body.writeBuffer(&piece) }
        return body
    }

    /// Whether others of the thread, and the client itself, can take another answer of ours.
    private func isOurTurn(_ context: ChannelHandlerContext) -> Bool {
        // The routes wait for who takes no answers.
        guard context.channel.isWritable else { return false }
        if let turnBegan { return .now() - turnBegan < AnswersAtHand.turn }
        turnBegan = .now()
        client?.asks()
        return true
    }

    private func send(_ answer: QueriesAtHand.Answer, _ context: ChannelHandlerContext) {
        var response = HTTPResponse(status: .ok, headerFields: answer.fields)
        response.headerFields[.date] = date.text()
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        for piece in answer.body { context.write(wrapOutboundOut(.body(piece)), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

@available(*, unavailable)
extension AnswersAtHand: Sendable {}
