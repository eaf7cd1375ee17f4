import Foundation
import Hummingbird
import HummingbirdTesting
import Readings
import Testing

@Suite struct BrowsersOfOthersSeeNothing {
    @Test func onlyOurNamesAreServedByTCP() async throws {
        try await RunningServer.with(.kitchen) { server in
            func status(host: String) async throws -> String {
                let connection = try Connection(port: server.port)
                try connection.get("/-/healthy", host: host)
                return String(try await connection.read(until: "\r\n").prefix(12))
            }
            for host in ["localhost", "LOCALHOST:8420", "127.0.0.1:\(server.port)", "[::1]", "[::1]:80", "proxy.test"] {
                let answer = try await status(host: host)
                #expect(answer == "HTTP/1.1 200", "\(host)")
            }
            for host in ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test", "192.168.1.2", "", "[::2]", "[::1"]
            {
                let answer = try await status(host: host)
                #expect(answer.hasPrefix("HTTP/1.1 40"), "\(host)")
            }
        }
    }

    @Test func nothingIsTakenForAPage() async throws {
        let name = "</script><script>alert(1)</script>"
        let hostile = Household([
            .init(
                labels: ["__name__": "level", "household": "home", "device": name], unit: "<b>",
                samples: [.init(time: Household.start, value: 1)])
        ])
        try await asking(hostile) { client in
            for path in [
                "/api/v1/devices", "/api/v1/series?match[]=level", "/api/v1/label/device/values",
                "/api/v1/query?query=level&time=1700000000", "/api/v1/query?query=%3Cscript%3E", "/api/v1/%3Cscript%3E",
            ] {
                let answer = try await client.get(path)
                #expect(answer.headers[.contentType] == "application/json", "\(path)")
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'self';") == true)
            }
            let devices = try await client.get("/api/v1/devices").json()
            #expect((devices["data"] as? [[String: Any]])?.first?["device"] as? String == name)
        }
    }

    @Test func controlCharactersStayInsideTheirStrings() async throws {
        let name = "a\u{0}\u{1f}\n\r\t\"\\\u{7f}\u{2028}é🚰"
        let odd = Household([
            .init(
                labels: ["__name__": "level", "device": name], unit: nil,
                samples: [.init(time: Household.start, value: 1)])
        ])
        try await asking(odd) { client in
            let answer = try await client.get("/api/v1/label/device/values").json()
            #expect(answer["data"] as? [String] == [name])
            let line = try await client.get("/api/v1/export?match[]=level").json()
            #expect((line["metric"] as? [String: String])?["device"] == name)
        }
    }
}
