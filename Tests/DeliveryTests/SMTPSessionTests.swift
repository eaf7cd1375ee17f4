import Testing

@testable import Delivery

@Suite("A conversation with a mail server")
struct SMTPSessionTests {
    private func session(
        _ security: SMTPSession.Security = .none, login: Bool = false, to: [String] = ["a@x"]
    ) -> SMTPSession {
        SMTPSession(
            security: security, login: login ? SMTPSession.Login(username: "me", password: Secret("pw")) : nil,
            from: "hub@x", to: to, name: "hub")
    }

    /// What the session says to these replies, one after the other; `tls` stands for the encryption having begun.
    private func talk(_ session: SMTPSession, _ replies: [String]) throws -> [String] {
        var session = session
        var reader = SMTPReplyReader()
        var said: [String] = []
        for line in replies {
            let action: SMTPSession.Action
            if line == "tls" {
                action = session.secured()
            } else {
                guard let reply = try reader.take(line) else { continue }
                action = session.receive(reply)
            }
            switch action {
            case .send(let line): said.append(line)
            case .sendMessage: said.append("MESSAGE")
            case .startTLS: said.append("START")
            case .end(let outcome, let farewell): said.append("\(outcome) \(farewell ?? "")")
            }
        }
        return said
    }

    @Test func aPlainOne() throws {
        #expect(
            try talk(session(), ["220 hi", "250-x", "250 8BITMIME", "250 ok", "250 ok", "354 go", "250 queued"])
                == ["EHLO hub", "MAIL FROM:<hub@x>", "RCPT TO:<a@x>", "DATA", "MESSAGE", "delivered QUIT"])
    }

    @Test func startTLSComesBeforeThePassword() throws {
        #expect(
            try talk(
                session(.startTLS, login: true),
                ["220 hi", "250-AUTH PLAIN", "250 STARTTLS", "220 go", "tls", "250 AUTH LOGIN PLAIN", "235 ok"])
                == ["EHLO hub", "STARTTLS", "START", "EHLO hub", "AUTH PLAIN AG1lAHB3", "MAIL FROM:<hub@x>"])
    }

    @Test func withoutStartTLSNothingIsSaid() throws {
        let said = try talk(session(.startTLS, login: true), ["220 hi", "250 AUTH PLAIN"])
        #expect(said.count == 2 && said[1].contains("does not offer STARTTLS"))
    }

    @Test func loginWhereThereIsNoPlain() throws {
        #expect(
            try talk(
                session(.tls, login: true),
                ["220 hi", "250-x", "250 AUTH=LOGIN", "334 VXNlcm5hbWU6", "334 x", "235 ok"])
                == ["EHLO hub", "AUTH LOGIN", "bWU=", "cHc=", "MAIL FROM:<hub@x>"])
    }

    @Test func aWrongPasswordIsTriedAgainLater() throws {
        let said = try talk(session(.tls, login: true), ["220 hi", "250 AUTH PLAIN", "535 5.7.8 bad"])
        #expect(said.last == #"failed("SMTP 535: 5.7.8 bad", retryAfter: nil) QUIT"#)
    }

    @Test(arguments: [("550 no", true), ("451 later", false)])
    func oneRefusedRecipientDoesNotKeepTheOthersFromHearing(refusal: String, isForGood: Bool) throws {
        let two = session(to: ["gone@x", "b@x"])
        let said = try talk(two, ["220 hi", "250 x", "250 ok", refusal, "250 ok", "354 go", "250 ok"]).last
        let reason = "SMTP \(refusal.prefix(3)): \(refusal.dropFirst(4))"
        let expected = Outcome.partly([RecipientRefusal(recipient: "gone@x", reason: reason, isForGood: isForGood)])
        #expect(said == "\(expected) QUIT")
    }

    @Test func whereNobodyIsAcceptedItIsTriedAgainSaveForWhomTheOthersHaveItAlready() throws {
        let two = session(to: ["gone@x", "b@x"])
        let said = try talk(two, ["220 hi", "250 x", "250 ok", "550 no", "450 later"])
        #expect(said.last?.hasPrefix("failed") == true && said.last?.contains("gone@x: SMTP 550: no") == true)
        let straggler = SMTPSession(
            security: .none, login: nil, from: "hub@x", to: ["gone@x"], isStraggler: true, name: "hub")
        for (refusal, outcome) in [("550 no", "rejected"), ("451 later", "failed")] {
            let said = try talk(straggler, ["220 hi", "250 x", "250 ok", refusal])
            #expect(said.last?.hasPrefix(outcome) == true)
        }
    }

    @Test func whatIsRefusedAsAWholeIsNotSentAgain() throws {
        let start = ["220 hi", "250 x", "250 ok", "250 ok", "354 go"]
        #expect(try talk(session(), start + ["554 spam"]).last?.hasPrefix("rejected") == true)
        #expect(try talk(session(), start + ["451 full"]).last?.hasPrefix("failed") == true)
        #expect(try talk(session(), ["421 busy"]).last?.hasPrefix("failed") == true)
    }

    @Test(arguments: ["", "HTTP/1.1 400 Bad Request", "22", "999 x", "２２０ hi", "220?x"])
    func whatIsNoMailServerIsSaid(line: String) {
        #expect(throws: SMTPProblem.self) {
            var reader = SMTPReplyReader()
            _ = try reader.take(line)
        }
    }
}
