import Alerting
import Foundation
import TestSupport
import Testing

@testable import Delivery

/// aiosmtpd with a certificate and a login; writes what it takes into a file. It knows nobody of the name `nobody`, says
/// good-bye to who names `full`, and makes `grey` wait until it is told otherwise.
final class MailServer: Sendable {
    let directory: TemporaryDirectory
    let port: UInt16
    let process: ChildProcess

    init(_ mode: String) async throws {
        directory = try TemporaryDirectory()
        port = try freePort()
        try await MailServer.makeCertificate(in: directory)
        let script = try directory.write(MailServer.script, to: "server.py")
        process = try ChildProcess(
            "/usr/bin/python3",
            [
                script, "\(port)", mode, directory.file("certificate.pem"), directory.file("key.pem"),
                directory.file("mail"),
            ], outputPath: directory.file("log"))
        let ready = try await eventually { canConnect(to: port) }
        try #require(ready, "\(process.output)")
    }

    var mail: String {
        ((try? String(contentsOfFile: directory.file("mail"), encoding: .utf8)) ?? "")
            .replacingOccurrences(of: "\r\n", with: "\n")
    }

    func channel(
        _ security: MailChannel.Server.Security, password: String = "bí mật", believed: Bool = true,
        to: [String] = ["a@example.org"], login: Bool = true
    ) throws -> MailChannel {
        try MailChannel(
            server: MailChannel.Server(
                host: "localhost", port: Int(port), security: security,
                caFile: believed ? directory.file("certificate.pem") : nil, username: login ? "hub" : nil,
                password: login ? Secret(password) : nil),
            from: "hub@example.org", to: to, language: .vietnamese)
    }

    /// From now on nobody is made to wait.
    func knowsEverybody() throws { try directory.write("", to: "mail.known") }

    /// To whom each mail went, in order, and which change it was about.
    var taken: [(to: String, key: String)] {
        var taken: [(to: String, key: String)] = []
        for line in mail.split(separator: "\n") {
            if line.hasPrefix("TO ") { taken.append((String(line.dropFirst(3)), "")) }
            if line.hasPrefix("X-Quantrac-Key: "), !taken.isEmpty {
                taken[taken.count - 1].key = String(line.dropFirst(16))
            }
        }
        return taken
    }

    private static let script = """
        import asyncio, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
        port, mode, certificate, key, out = sys.argv[1:]
        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith('nobody'): return '550 no such mailbox'
                if address.startswith('full'): return '421 too much for this one'
                if address.startswith('grey') and not os.path.exists(out + '.known'): return '451 greylisted'
                envelope.rcpt_tos.append(address)
                return '250 OK'
            async def handle_DATA(self, server, session, envelope):
                if b'UmVmdXNlTWU' in envelope.content: return '554 refused'
                with open(out, 'ab') as file:
                    file.write(('TO ' + ' '.join(envelope.rcpt_tos) + '\\n').encode() + envelope.content)
                return '250 taken'
        def login(server, session, envelope, mechanism, data):
            right = isinstance(data, LoginPassword) and data.login == b'hub' and data.password == 'bí mật'.encode()
            return AuthResult(success=right, handled=False)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        def session():
            secure = {'tls_context': context, 'require_starttls': True} if mode == 'starttls' else {}
            return SMTP(Handler(), hostname='mail', authenticator=login, auth_required=mode != 'none',
                auth_require_tls=mode == 'starttls', **secure)
        async def main():
            server = await asyncio.get_running_loop().create_server(
                session, '127.0.0.1', int(port), ssl=context if mode == 'tls' else None)
            await server.serve_forever()
        asyncio.run(main())
        """

    static func makeCertificate(in directory: TemporaryDirectory) async throws {
        let openssl = try ChildProcess(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                directory.file("key.pem"), "-out", directory.file("certificate.pem"),
            ], outputPath: directory.file("openssl.log"))
        try await openssl.waitForExit()
    }
}
