import Foundation

/// A conversation with a mail server (RFC 5321), in which one message is handed over: replies in, what to do out. No network.
struct SMTPSession: Sendable {
    /// How the connection is secured.
    enum Security: Sendable, Equatable {
        /// From the first byte (RFC 8314).
        case tls
        /// By STARTTLS (RFC 3207); a server that does not offer it gets nothing.
        case startTLS
        case none
    }

    struct Login: Sendable, Equatable {
        var username: String
        var password: Secret

        /// As PLAIN has them (RFC 4616), …
        var token: Secret { Secret(Data("\0\(username)\0\(password.text)".utf8).base64EncodedString()) }
        /// … and as LOGIN has the password.
        var encodedPassword: Secret { Secret(Data(password.text.utf8).base64EncodedString()) }

        /// All ways in which the password is said: a server may repeat what it does not understand.
        var secrets: [Secret] { [token, encodedPassword, password] }
    }

    enum Action: Sendable, Equatable {
        /// A line, without its end.
        case send(String)
        /// The message, to be followed by a line with a dot.
        case sendMessage
        case startTLS
        /// The end: the connection can be closed after this line, if there is one.
        case end(Outcome, farewell: String?)
    }

    private enum State: Equatable {
        case greeting, hello, startingTLS, authenticatingPlain, loginName, loginPassword, loginDone, sender, data,
            message
        /// Which recipient was named last.
        case recipient(Int)
    }

    private let security: Security
    private let login: Login?
    private let from: String
    private let to: [String]
    private let isStraggler: Bool
    private let name: String
    private var state = State.greeting
    private var isSecure: Bool
    private var accepted = 0
    private var refusals: [RecipientRefusal] = []
    /// At whose name the server said good-bye: without it, it may take the mail.
    private(set) var turnedAway: RecipientRefusal?

    /// - Parameters:
    ///   - isStraggler: whether others have it already, so that what is refused for good is about whom it is for.
    ///   - name: how we introduce ourselves.
    init(
        security: Security, login: Login?, from: String, to: [String], isStraggler: Bool = false, name: String
    ) {
        self.security = security
        self.login = login
        self.from = from
        self.to = to
        self.isStraggler = isStraggler
        self.name = name
        isSecure = security == .tls
    }

    /// The connection is encrypted from now on.
    mutating func secured() -> Action {
        isSecure = true
        state = .hello
        return .send("EHLO \(name)")
    }

    mutating func receive(_ reply: SMTPReply) -> Action {
        // A server may say good-bye at any time.
        if reply.code == 421 {
            if case .recipient(let index) = state { turnedAway = refusal(of: index, reply) }
            return .end(.failed(words(of: reply)), farewell: nil)
        }
        switch state {
        case .greeting:
            guard reply.code == 220 else { return fail(reply) }
            state = .hello
            return .send("EHLO \(name)")
        case .hello:
            guard reply.code == 250 else { return fail(reply) }
            if security == .startTLS, !isSecure {
                guard reply.offers("STARTTLS") else {
                    return fail("\(FailureWords.noStartTLS)")
                }
                state = .startingTLS
                return .send("STARTTLS")
            }
            return authenticate(reply)
        case .startingTLS:
            return reply.code == 220 ? .startTLS : fail(reply)
        case .loginName:
            guard reply.code == 334, let login else { return fail(reply) }
            state = .loginPassword
            return .send(Data(login.username.utf8).base64EncodedString())
        case .loginPassword:
            guard reply.code == 334, let login else { return fail(reply) }
            state = .loginDone
            return .send(login.encodedPassword.text)
        case .authenticatingPlain, .loginDone:
            return reply.code == 235 ? beginMail() : fail(reply)
        case .sender:
            guard reply.code == 250 else { return fail(reply) }
            return nextRecipient(0)
        case .recipient(let index):
            if reply.isPositive {
                accepted += 1
            } else {
                refusals.append(refusal(of: index, reply))
            }
            return nextRecipient(index + 1)
        case .data:
            guard reply.code == 354 else { return fail(reply) }
            state = .message
            return .sendMessage
        case .message:
            if reply.isPositive {
                return .end(refusals.isEmpty ? .delivered : .partly(refusals), farewell: "QUIT")
            }
            // What a server says for good of a whole message is about what is in it (RFC 5321 §4.2.1).
            return .end(reply.code >= 500 ? .rejected(words(of: reply)) : .failed(words(of: reply)), farewell: "QUIT")
        }
    }

    private mutating func authenticate(_ reply: SMTPReply) -> Action {
        guard let login else { return beginMail() }
        let ways = reply.words(of: "AUTH")
        if ways.contains("PLAIN") {
            state = .authenticatingPlain
            return .send("AUTH PLAIN \(login.token.text)")
        }
        if ways.contains("LOGIN") {
            state = .loginName
            return .send("AUTH LOGIN")
        }
        return fail("\(FailureWords.noLogin)")
    }

    private mutating func beginMail() -> Action {
        state = .sender
        return .send("MAIL FROM:<\(from)>")
    }

    /// Whoever is refused does not keep the others from hearing.
    private mutating func nextRecipient(_ index: Int) -> Action {
        if index < to.count {
            state = .recipient(index)
            return .send("RCPT TO:<\(to[index])>")
        }
        guard accepted > 0 else {
            if isStraggler, let refusal = refusals.first {
                return refusal.isForGood
                    ? .end(.rejected(refusal.inWords), farewell: "QUIT") : fail(refusal.inWords)
            }
            return fail("\(FailureWords.noRecipient)" + (refusals.first.map { ": \($0.inWords)" } ?? ""))
        }
        state = .data
        return .send("DATA")
    }

    private func refusal(of index: Int, _ reply: SMTPReply) -> RecipientRefusal {
        RecipientRefusal(recipient: to[index], reason: words(of: reply), isForGood: reply.code >= 500)
    }

    private func words(of reply: SMTPReply) -> String { reply.inWords(hiding: secrets) }

    /// What must not appear in any error.
    var secrets: [Secret] { login?.secrets ?? [] }

    private func fail(_ reply: SMTPReply) -> Action { fail(words(of: reply)) }

    private func fail(_ reason: String) -> Action { .end(.failed(reason), farewell: "QUIT") }
}

/// A reply: a code and lines (RFC 5321 §4.2).
struct SMTPReply: Sendable, Equatable {
    var code: Int
    var lines: [String]

    var isPositive: Bool { (200..<300).contains(code) }

    func inWords(hiding secrets: [Secret]) -> String {
        "SMTP \(code): \(OneLine.of(lines.joined(separator: " ").hiding(secrets)))"
    }

    func offers(_ keyword: String) -> Bool {
        lines.contains { $0.uppercased().split(separator: " ").first == keyword[...] }
    }

    /// What stands behind `keyword` in an answer to EHLO.
    func words(of keyword: String) -> [String] {
        lines.flatMap { line -> [String] in
            // Old servers write AUTH=LOGIN.
            let words = line.uppercased().replacingOccurrences(of: "=", with: " ").split(separator: " ")
            return words.first == keyword[...] ? words.dropFirst().map(String.init) : []
        }
    }
}

/// Makes replies of lines.
struct SMTPReplyReader: Sendable {
    private var lines: [String] = []
    private static let mostLines = 200

    /// Nil while more lines belong to the reply.
    /// - Throws: if the line is none of a mail server.
    mutating func take(_ line: String) throws(SMTPProblem) -> SMTPReply? {
        let bytes = Array(line.utf8)
        guard bytes.count >= 3, let code = Int(line.prefix(3)), (200..<600).contains(code),
            bytes.count == 3 || bytes[3] == UInt8(ascii: " ") || bytes[3] == UInt8(ascii: "-")
        else { throw .noMailServer(says: line) }
        lines.append(String(decoding: bytes.dropFirst(4), as: UTF8.self))
        guard lines.count < SMTPReplyReader.mostLines else {
            throw .endlessAnswer
        }
        if bytes.count > 3, bytes[3] == UInt8(ascii: "-") { return nil }
        defer { lines = [] }
        return SMTPReply(code: code, lines: lines)
    }
}

/// Why an answer is none of a mail server.
enum SMTPProblem: Error {
    case noMailServer(says: String)
    case endlessAnswer

    func inWords(hiding secrets: [Secret]) -> String {
        switch self {
        case .noMailServer(let line):
            "\(FailureWords.noMailServer) '\(OneLine.of(line.hiding(secrets), most: 80))'"
        case .endlessAnswer: "\(FailureWords.endlessAnswer)"
        }
    }
}
