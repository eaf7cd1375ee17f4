import NIOCore
import NIOPosix
import NIOSSL

/// A TCP connection on which one ``SMTPSession`` is held.
struct SMTPConnection: Sendable {
    var host: String
    var port: Int
    var tls: NIOSSLContext
    var isSecureAtOnce: Bool

    /// For the whole conversation. Servers may make strangers wait for half a minute (RFC 5321 §4.5.3.2 allows five).
    private static let patience = TimeAmount.seconds(60)

    /// How a conversation ended.
    struct End: Sendable {
        var outcome: Outcome
        /// At whose name the server said good-bye.
        var turnedAway: RecipientRefusal?
    }

    /// Never throws: what goes wrong is an outcome.
    func deliver(_ mail: [UInt8], by session: SMTPSession) async -> End {
        let group = MultiThreadedEventLoopGroup.singleton
        let promise = group.any().makePromise(of: End.self)
        let tls = tls
        let name = host
        do {
            let channel = try await ClientBootstrap(group: group).connectTimeout(.seconds(10)).channelInitializer {
                channel in
                channel.eventLoop.makeCompletedFuture {
                    if isSecureAtOnce {
                        try channel.pipeline.syncOperations.addHandler(SMTPConnection.encryption(tls, host: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        SMTPHandler(session: session, mail: mail, promise: promise) {
                            try SMTPConnection.encryption(tls, host: name)
                        })
                }
            }.connect(host: host, port: port).get()
            channel.eventLoop.scheduleTask(in: SMTPConnection.patience) { channel.close(promise: nil) }
            return await withTaskCancellationHandler {
                await SMTPConnection.end(of: promise.futureResult)
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            promise.fail(error)
            return End(outcome: .failed(NetworkError.inWords(error)))
        }
    }

    private static func end(of future: EventLoopFuture<End>) async -> End {
        do { return try await future.get() } catch { return End(outcome: .failed(NetworkError.inWords(error))) }
    }

    private static func encryption(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            // The certificate must then name the address.
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }
}

/// Splits lines, asks the session, and does what it says.
private final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: SMTPSession
    private var reader = SMTPReplyReader()
    private let mail: [UInt8]
    private var promise: EventLoopPromise<SMTPConnection.End>?
    private let encryption: () throws -> NIOSSLClientHandler
    private var received: [UInt8] = []
    private static let mostLine = 4096

    init(
        session: SMTPSession, mail: [UInt8], promise: EventLoopPromise<SMTPConnection.End>,
        encryption: @escaping () throws -> NIOSSLClientHandler
    ) {
        self.session = session
        self.mail = mail
        self.promise = promise
        self.encryption = encryption
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
            var line = received[..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            let text = String(decoding: line, as: UTF8.self)
            received.removeSubrange(...end)
            do {
                if let reply = try reader.take(text) { perform(session.receive(reply), context) }
            } catch {
                finish(.failed(error.inWords(hiding: session.secrets)), context)
            }
            if promise == nil { return }
        }
        if received.count > SMTPHandler.mostLine {
            finish(.failed(SMTPProblem.endlessAnswer.inWords(hiding: [])), context)
        }
    }

    private func perform(_ action: SMTPSession.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let line): write(Array("\(line)\r\n".utf8), context)
        case .sendMessage: write(mail + Array("\r\n.\r\n".utf8), context)
        case .startTLS:
            // What the server sent before the encryption is nobody's answer (CVE-2011-0411).
            guard received.isEmpty else { return finish(.failed("\(FailureWords.speaksTooEarly)"), context) }
            do {
                try context.pipeline.syncOperations.addHandler(try encryption(), position: .first)
                perform(session.secured(), context)
            } catch {
                finish(.failed(NetworkError.inWords(error)), context)
            }
        case .end(let outcome, let farewell):
            if let farewell { write(Array("\(farewell)\r\n".utf8), context) }
            finish(outcome, context)
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    private func finish(_ outcome: Outcome, _ context: ChannelHandlerContext) {
        promise?.succeed(SMTPConnection.End(outcome: outcome, turnedAway: session.turnedAway))
        promise = nil
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Servers that close without TLS's own good-bye are many; what counts was said before.
        finish(.failed(NetworkError.inWords(error)), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failed("\(FailureWords.closedOrNoAnswer)"), context)
        context.fireChannelInactive()
    }
}
