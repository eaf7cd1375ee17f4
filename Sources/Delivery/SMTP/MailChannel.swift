import Alerting
import NIOCore
import NIOPosix
import NIOSSL

/// E-mail, handed to a mail server for each message anew.
public struct MailChannel: Channel {
    /// Where the server is, and who speaks to it.
    public struct Server: Sendable {
        public enum Security: String, Sendable, CaseIterable {
            case tls, starttls, none
        }

        public var host: String
        public var port: Int
        public var security: Security
        /// Authorities (PEM) that are believed instead of the system's.
        public var caFile: String?
        public var username: String?
        public var password: Secret?

        public init(
            host: String, port: Int, security: Security, caFile: String? = nil, username: String? = nil,
            password: Secret? = nil
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.caFile = caFile
            self.username = username
            self.password = password
        }
    }

    private let server: Server
    private let mail: MailMessage
    private let tls: NIOSSLContext
    private static let mostTurnedAway = 2
    private static let patience = Duration.seconds(20)

    /// - Throws: if the authorities cannot be read.
    public init(server: Server, from: String, to: [String], language: AlertNotice.Language = .english) throws {
        self.server = server
        mail = MailMessage(from: from, to: to, language: language)
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = server.caFile {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
        }
        tls = try NIOSSLContext(configuration: configuration)
    }

    public var recipients: [String] { mail.to }

    public func send(_ message: Message) async -> Outcome {
        let login = server.username.flatMap { name in
            server.password.map { SMTPSession.Login(username: name, password: $0) }
        }
        let security: SMTPSession.Security =
            switch server.security {
            case .tls: .tls
            case .starttls: .startTLS
            case .none: .none
            }
        let (to, isStraggler) =
            switch message.dispatch.audience {
            case .everybody: (mail.to, false)
            case .those(let some): (some, false)
            case .straggler(let one): ([one], true)
            }
        let connection = SMTPConnection(
            host: server.host, port: server.port, tls: tls, isSecureAtOnce: security == .tls)
        let bytes = mail.bytes(for: message)
        var left = to
        var turnedAway: [RecipientRefusal] = []
        let start = ContinuousClock.now
        while true {
            let session = SMTPSession(
                security: security, login: login, from: mail.from, to: left, isStraggler: isStraggler,
                name: MailMessage.domain(message.sender.name))
            let end = await connection.deliver(bytes, by: session)
            // At whose name the server closes the connection does not keep the others from hearing. One that does so again and again
            // means us, and is asked again later.
            if let refusal = end.turnedAway, left.contains(where: { $0 != refusal.recipient }),
                turnedAway.count < MailChannel.mostTurnedAway, ContinuousClock.now - start < MailChannel.patience
            {
                turnedAway.append(refusal)
                left.removeAll { $0 == refusal.recipient }
                continue
            }
            return end.outcome.with(turnedAway).hiding(login?.secrets ?? [])
        }
    }
}

extension Outcome {
    /// The outcome for all recipients, of whom these were left out.
    fileprivate func with(_ leftOut: [RecipientRefusal]) -> Outcome {
        switch self {
        case .delivered: leftOut.isEmpty ? self : .partly(leftOut)
        case .partly(let refusals): .partly(leftOut + refusals)
        case .failed, .rejected, .divided: self
        }
    }
}
