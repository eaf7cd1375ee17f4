import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@testable import Delivery

/// The formats met by the real programs that they are for.
@Suite("Real receivers understand what is sent")
struct RealReceiverTests {
    // MARK: - Alertmanager

    @Test func alertmanagerTakesAlertsAndTheirEnds() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("route: { receiver: none }\nreceivers: [{ name: none }]\n", to: "am.yaml")
        let port = try freePort()
        let process = try ChildProcess(
            "unshare",
            // Where it is unpacked and not installed, its templates are not where it looks for them.
            [
                "--map-root-user", "--mount", "sh", "-c",
                """
                share=$(dirname "$(command -v prometheus-alertmanager)")/../share
                [ -e /usr/share/prometheus/alertmanager/default.tmpl ] || mount --bind "$share" /usr/share
                exec prometheus-alertmanager "$@"
                """, "sh",
                "--config.file=\(directory.file("am.yaml"))", "--storage.path=\(directory.path)",
                "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
            ], outputPath: directory.file("log"))
        let url = "http://127.0.0.1:\(port)"
        let ready = try await eventually { canConnect(to: port) }
        try #require(ready, "\(process.output)")
        let channel = HTTPChannel(format: Alertmanager(url: url), client: try HTTPSender())
        var firing = Samples.message([
            Samples.news(labels: [Label("phòng", "bếp")], annotations: [Label("summary", "ấm \"quá\"")]),
            Samples.news(device: "b"),
        ])
        firing.time = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        firing.sender.externalURL = nil
        #expect(await channel.send(firing) == .delivered)
        #expect(await channel.send(firing) == .delivered)
        func alerts() async throws -> [[String: Any]] {
            let data = try Data(contentsOf: try #require(URL(string: url + "/api/v2/alerts")))
            return try JSONSerialization.jsonObject(with: data) as? [[String: Any]] ?? []
        }
        let held = try await alerts()
        #expect(held.count == 2)
        let labels = held.compactMap { $0["labels"] as? [String: String] }
        #expect(labels.contains { $0["U__ph_f2_ng"] == "bếp" })
        #expect(held.compactMap { $0["startsAt"] as? String }.allSatisfy { $0.hasPrefix("2026-01-02T03:09:05.000") })
        var resolved = Samples.message([
            Samples.news(firing: false, labels: [Label("phòng", "bếp")]), Samples.news(device: "b", firing: false),
        ])
        resolved.time = firing.time
        #expect(await channel.send(resolved) == .delivered)
        #expect(try await alerts().isEmpty)
        _ = try await process.terminate()
    }

    // MARK: - E-mail

    private var warm: Message {
        Samples.message([
            Samples.news(annotations: [Label("summary_vi", "Tủ đông ấm lên"), Label("description_vi", ".\n.\nHết")])
        ])
    }

    @Test(arguments: [("starttls", MailChannel.Server.Security.starttls), ("tls", .tls)])
    func mailGoesOutEncrypted(mode: String, security: MailChannel.Server.Security) async throws {
        let server = try await MailServer(mode)
        #expect(await (try server.channel(security)).send(warm) == .delivered)
        let mail = server.mail
        #expect(mail.hasPrefix("TO a@example.org\nFrom: Quantrac <hub@example.org>\n"))
        let body = mail.components(separatedBy: "\n\n").dropFirst().joined().replacingOccurrences(of: "\n", with: "")
        let text = String(decoding: Data(base64Encoded: body) ?? Data(), as: UTF8.self)
        #expect(text.hasPrefix("CẢNH BÁO FreezerWarm: Tủ đông ấm lên (từ 10:04)\n. . Hết\n"))
    }

    @Test func aWrongPasswordOrAnUnknownCertificateDeliversNothing() async throws {
        let server = try await MailServer("starttls")
        let wrong = await (try server.channel(.starttls, password: "falsch")).send(warm)
        #expect("\(wrong)".hasPrefix("failed(\"SMTP 535") && !"\(wrong)".contains("falsch"), "\(wrong)")
        let unknown = await (try server.channel(.starttls, believed: false)).send(warm)
        #expect("\(unknown)".contains("its certificate is not believed"), "\(unknown)")
        #expect(server.mail.isEmpty)
    }

    @Test func whoSpeaksTheWrongWayIsNotWaitedForForEver() async throws {
        let server = try await MailServer("none")
        let tls = await (try server.channel(.tls)).send(warm)
        #expect("\(tls)".contains("does not speak TLS"), "\(tls)")
        let startTLS = await (try server.channel(.starttls)).send(warm)
        #expect("\(startTLS)".contains("does not offer STARTTLS"), "\(startTLS)")
        #expect(await (try server.channel(.none, login: false)).send(warm) == .delivered)
        let partly = try server.channel(.none, to: ["nobody@example.org", "b@example.org"], login: false)
        #expect(
            await partly.send(warm)
                == .partly([
                    RecipientRefusal(
                        recipient: "nobody@example.org", reason: "SMTP 550: no such mailbox", isForGood: true)
                ]))
        #expect(server.mail.contains("TO b@example.org"))
        let nobody = await (try server.channel(.none, to: ["nobody@example.org"], login: false)).send(warm)
        #expect(nobody == .failed("no recipient is accepted: nobody@example.org: SMTP 550: no such mailbox"))
        _ = try await server.process.terminate()
        let gone = await (try server.channel(.none, login: false)).send(warm)
        #expect("\(gone)".contains("localhost:\(server.port) cannot be reached"), "\(gone)")
    }

    @Test func atWhoseNameTheServerSaysGoodByeDoesNotKeepTheOthersFromHearing() async throws {
        let server = try await MailServer("none")
        func outcome(_ to: String...) async throws -> Outcome {
            await (try server.channel(.none, to: to.map { $0 + "@example.org" }, login: false)).send(warm)
        }
        func refusal(_ name: String, _ reason: String, isForGood: Bool) -> RecipientRefusal {
            RecipientRefusal(recipient: name + "@example.org", reason: reason, isForGood: isForGood)
        }
        #expect(
            try await outcome("full1", "nobody", "a", "full2", "b")
                == .partly([
                    refusal("full1", "SMTP 421: too much for this one", isForGood: false),
                    refusal("full2", "SMTP 421: too much for this one", isForGood: false),
                    refusal("nobody", "SMTP 550: no such mailbox", isForGood: true),
                ]))
        #expect(server.taken.map(\.to) == ["a@example.org b@example.org"])
        let all = Outcome.failed("SMTP 421: too much for this one")
        #expect(try await outcome("full1", "full2") == all)
        #expect(try await outcome("full1", "full2", "full3", "a") == all, "who says so again and again means us")
    }

    /// A server, and what is none, repeats what it does not understand.
    @Test(arguments: ["PLAIN", "LOGIN"], [true, false])
    func aPasswordThatComesBackIsNotShown(way: String, isMailServer: Bool) async throws {
        let listener = try ScriptedListener { connection, _ in
            var buffer = [UInt8](repeating: 0, count: 4096)
            func say(_ text: String) { _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }
            say("220 hi\r\n")
            while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
                let line = String(decoding: buffer[..<count], as: UTF8.self).trimmingCharacters(in: .newlines)
                switch line.prefix(4) {
                case "EHLO": say("250 AUTH \(way)\r\n")
                case "AUTH" where way == "LOGIN": say("334 VXNlcm5hbWU6\r\n")
                case "aHVi": say("334 UGFzc3dvcmQ6\r\n")
                default: say("\(isMailServer ? "500 " : "")what is \(line)?\r\n")
                }
            }
        }
        let channel = try MailChannel(
            server: .init(
                host: "127.0.0.1", port: Int(listener.port), security: .none, username: "hub",
                password: Secret("bí  mật " + String(repeating: "x", count: 60))), from: "hub@example.org",
            to: ["a@example.org"])
        let echo = "what is \(way == "PLAIN" ? "AUTH PLAIN " : "")•••?"
        #expect(
            await channel.send(warm)
                == .failed(isMailServer ? "SMTP 500: \(echo)" : "this is no mail server: it says '\(echo)'"))
    }

    // MARK: - HTTP

    @Test func aWebhookIsPostedAndItsAnswerCounts() async throws {
        let server = try ReceivingServer { request in
            switch request.path {
            case "/busy": .init(503, headers: ["Retry-After: 7"])
            case "/until":
                .init(
                    429,
                    headers: [
                        "Date: Thu, 31 Dec 2026 23:59:30 GMT", "Retry-After: Fri, 01 Jan 2027 00:01:00 GMT",
                    ])
            case "/sometime": .init(503, headers: ["Retry-After: soon"])
            default: .init(200)
            }
        }
        func channel(_ path: String) throws -> HTTPChannel {
            HTTPChannel(
                format: Webhook(url: server.url + path, key: Secret("key"), receiver: "w", groupBy: []),
                client: try HTTPSender())
        }
        #expect(await (try channel("/in")).send(Samples.heartbeat) == .delivered)
        let request = try #require(server.requests.first)
        #expect(
            request.headers["x-quantrac-signature"]
                == "sha256="
                + SecureHash.signature(of: Array("1767323045.\(request.body)".utf8), key: Array("key".utf8)))
        #expect(
            await (try channel("/busy")).send(Samples.heartbeat) == .failed("HTTP 503: {}", retryAfter: .seconds(7)))
        #expect(
            await (try channel("/until")).send(Samples.heartbeat) == .failed("HTTP 429: {}", retryAfter: .seconds(90)))
        #expect(await (try channel("/sometime")).send(Samples.heartbeat) == .failed("HTTP 503: {}"))
        server.stop()
        let gone = await (try channel("/in")).send(Samples.heartbeat)
        #expect("\(gone)".hasPrefix("failed"), "\(gone)")
    }

    /// Also if JSON writes it in another way.
    @Test func aTokenThatComesBackIsNotShown() async throws {
        let server = try ReceivingServer { _ in
            .init(404, body: #"{"ok":false,"description":"no bot 123:abc\/def\u002bghi here"}"#)
        }
        let secret = Secret("123:abc/def+ghi")
        let channel = HTTPChannel(
            format: Telegram(url: server.url, token: secret, chat: "1"), client: try HTTPSender(), secrets: [secret])
        #expect(await channel.send(warm) == .failed("HTTP 404: no bot ••• here"))
    }

    @Test func whoHangsUpIsSpokenOfInWords() async throws {
        let listener = try ScriptedListener { connection, _ in
            var buffer = [UInt8](repeating: 0, count: 4096)
            var last: UInt8 = 0
            // The whole request: what is left unread would reset the connection.
            while last != UInt8(ascii: "}"), case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
                last = buffer[count - 1]
            }
        }
        let channel = HTTPChannel(
            format: Ntfy(url: "http://127.0.0.1:\(listener.port)", topic: "t"), client: try HTTPSender())
        #expect(await channel.send(warm) == .failed("it closed the connection before it answered"))
    }

    private static let encryptedServer = """
        import http.server, ssl, sys
        port, certificate, key, out = sys.argv[1:]
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                with open(out, 'ab') as file: file.write(self.path.encode() + b' ' + body + b'\\n')
                self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers()
                self.wfile.write(b'{}')
        server = http.server.HTTPServer(('', int(port)), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
        """

    @Test func telegramAndNtfyGoOutEncryptedAndTheTokenIsHidden() async throws {
        let directory = try TemporaryDirectory()
        try await MailServer.makeCertificate(in: directory)
        let script = try directory.write(RealReceiverTests.encryptedServer, to: "server.py")
        let port = try freePort()
        let process = try ChildProcess(
            "/usr/bin/python3",
            [
                "\(script)", "\(port)", directory.file("certificate.pem"), directory.file("key.pem"),
                directory.file("got"),
            ],
            outputPath: directory.file("log"))
        let ready = try await eventually { canConnect(to: port) }
        try #require(ready, "\(process.output)")
        let url = "https://localhost:\(port)"
        let believing = try HTTPSender(caFile: directory.file("certificate.pem"))
        let token = Secret("12:verysecret")
        let telegram = Telegram(url: url, token: token, chat: "5")
        #expect(await HTTPChannel(format: telegram, client: believing, secrets: [token]).send(warm) == .delivered)
        #expect(await HTTPChannel(format: Ntfy(url: url, topic: "t"), client: believing).send(warm) == .delivered)
        let got = (try? String(contentsOfFile: directory.file("got"), encoding: .utf8)) ?? ""
        #expect(got.hasPrefix("/bot12:verysecret/sendMessage {\"chat_id\":\"5\"") && got.contains("\n/ {\"click\""))
        let strange = await HTTPChannel(format: telegram, client: try HTTPSender(), secrets: [token]).send(warm)
        #expect(
            "\(strange)".contains("its certificate is not believed") && !"\(strange)".contains("verysecret"),
            "\(strange)")
        let otherName = Ntfy(url: "https://127.0.0.2:\(port)", topic: "t")
        let elsewhere = await HTTPChannel(format: otherName, client: believing).send(warm)
        #expect("\(elsewhere)".contains("for another name"), "\(elsewhere)")
    }
}
