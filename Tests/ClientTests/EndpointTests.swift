import Foundation
import TestSupport
import Testing

@testable import quantrac

@Suite("The daemon is found where the user says, and secrets go nowhere else")
struct EndpointTests {
    private func endpoint(
        socket: String? = nil, url: String? = nil, tokenFile: String? = nil, _ environment: [String: String] = [:]
    ) throws -> Endpoint {
        try Endpoint(socket: socket, url: url, tokenFile: tokenFile, environment: environment)
    }

    @Test func theOptionWinsOverTheEnvironmentAndThatOverTheDefault() throws {
        #expect(try endpoint() == .socket(path: "/run/quantrac/query.sock"))
        #expect(try endpoint(["QUANTRAC_SOCKET": ""]) == .socket(path: "/run/quantrac/query.sock"))
        #expect(try endpoint(["QUANTRAC_SOCKET": "/a"]) == .socket(path: "/a"))
        #expect(try endpoint(socket: "/b", ["QUANTRAC_SOCKET": "/a"]) == .socket(path: "/b"))
        #expect(
            try endpoint(url: "http://[::1]:8420/", ["QUANTRAC_SOCKET": "/a"]) == .url("http://[::1]:8420", token: nil))
    }

    @Test func addressesAreEncoded() throws {
        #expect(
            try endpoint(socket: "/run/nhà 1?.sock").requestURL("/api/v1/status")
                == "http+unix://%2Frun%2Fnh%C3%A0%201%3F.sock/api/v1/status")
        #expect(
            Endpoint.form([("match[]", "{a=\"b&c\"}"), ("x", "1+1")]) == "match%5B%5D=%7Ba%3D%22b%26c%22%7D&x=1%2B1")
    }

    @Test(arguments: [
        "", "127.0.0.1:8420", "ftp://host", "http://", "file:///etc/passwd", "http://user:secret@host",
        "http://host/?x=1",
    ])
    func noAddressOfADaemon(_ url: String) {
        #expect(throws: ClientError.badURL(url)) { try endpoint(url: url) }
    }

    @Test func pathsThatNoSocketCanHaveAreRefused() {
        let long = "/" + String(repeating: "a", count: 107)
        #expect(throws: ClientError.socketPathTooLong(path: long)) { try endpoint(socket: long) }
        #expect(throws: ClientError.notASocket(path: "")) { try endpoint(socket: "") }
    }

    @Test func tokensAreReadWholeAndSentOnlyWhereNobodyListens() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("s3cret\n", to: "token")
        #expect(
            try endpoint(url: "https://box.example", tokenFile: file) == .url("https://box.example", token: "s3cret"))
        #expect(try endpoint(url: "http://127.0.0.1:1", tokenFile: file) == .url("http://127.0.0.1:1", token: "s3cret"))
        #expect(throws: ClientError.tokenOverPlainHTTP("http://box.example")) {
            try endpoint(url: "http://box.example", tokenFile: file)
        }
        #expect(throws: ClientError.tokenOverPlainHTTP("http://127.0.0.evil")) {
            try endpoint(url: "http://127.0.0.evil", tokenFile: file)
        }
        #expect(throws: ClientError.tokenWithoutURL) { try endpoint(tokenFile: file) }
        for content in ["", "\n", "a\r\nX-Evil: 1", "tên", String(repeating: "a", count: 9000)] {
            let file = try directory.write(content, to: "bad")
            #expect(throws: ClientError.self) { try endpoint(url: "https://box.example", tokenFile: file) }
        }
        #expect(throws: ClientError.self) {
            try endpoint(url: "https://box.example", tokenFile: directory.file("none"))
        }
    }

    @Test func selectorsHoldAnyName() {
        #expect(
            SeriesSelector.text(metric: "temperature", labels: [("device", "a\"b\\c\nd"), ("household", "home")])
                == #"temperature{device="a\"b\\c\nd",household="home"}"#)
        #expect(SeriesSelector.text(metric: "nhiệt độ", labels: []) == #"{__name__="nhiệt độ"}"#)
        #expect(SeriesSelector.text(metric: "1x", labels: []) == #"{__name__="1x"}"#)
        #expect(SeriesSelector.text(metric: "sum", labels: [("a", "b")]) == #"{__name__="sum",a="b"}"#)
        #expect(SeriesSelector.text(metric: "", labels: []) == #"{__name__=""}"#)
    }

    @Test func exitCodesTellUnreachableFromFailedFromMisused() {
        #expect(ClientError.socketMissing(path: "").exitCode == 2)
        #expect(ClientError.timedOut(address: "").exitCode == 2)
        #expect(ClientError.daemon(message: "").exitCode == 1)
        #expect(ClientError.unknownDevice("x", nearest: []).exitCode == 1)
        #expect(ClientError.badInstant(option: "--since", text: "").exitCode == 64)
    }

    @Test func theLanguageIsThatOfTheEnvironment() {
        #expect(Language(environment: [:]) == .english)
        #expect(Language(environment: ["LANG": "vi_VN.UTF-8"]) == .vietnamese)
        #expect(Language(environment: ["LANG": "vi_VN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"]) == .english)
        #expect(Language(environment: ["LANG": "en_US", "LC_ALL": "vi"]) == .vietnamese)
        #expect(Language(environment: ["LANG": "vi_VN", "LC_ALL": ""]) == .vietnamese)
        #expect(Language.isUTF8(environment: ["LANG": "C.utf8"]))
        #expect(!Language.isUTF8(environment: ["LANG": "vi_VN.UTF-8", "LC_ALL": "C"]))
        #expect(!Language.isUTF8(environment: [:]))
    }
}

@Suite("Shared options may stand before the command")
struct SharedOptionsTests {
    @Test(arguments: [
        (["--lang", "vi", "status"], ["status", "--lang", "vi"]),
        (
            ["--socket=/s", "--format", "json", "history", "a", "b"],
            ["history", "--socket=/s", "--format", "json", "a", "b"]
        ),
        (["status", "--lang", "vi"], ["status", "--lang", "vi"]),
        (["--lang", "vi", "alerts", "ack", "Hot"], ["alerts", "ack", "--lang", "vi", "Hot"]),
        (["--version"], ["--version"]),
        (["--help", "--lang", "vi"], ["--help", "--lang", "vi"]),
        (["--lang"], ["--lang"]),
        (["--lang", "vi"], ["--lang", "vi"]),
        ([], []),
    ])
    func moved(_ given: [String], _ expected: [String]) {
        #expect(SharedOptions.behindTheCommand(given) == expected)
    }
}
