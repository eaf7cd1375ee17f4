import Alerting
import Readings
import Testing

@testable import Delivery

@Suite("A webhook is what its receiver expects")
struct WebhookTests {
    private func text(_ call: HTTPCall) -> String { String(decoding: call.body, as: UTF8.self) }

    @Test func aFiringAlertIsInTheShapeOfAlertmanager() {
        let hook = Webhook(url: "https://example.org/in", key: Secret("key"), receiver: "web", groupBy: ["alertname"])
        let call = hook.call(
            for: Samples.message([Samples.news(annotations: [Label("summary", "Freezer too warm \"now\"")])]))
        #expect(call.url == "https://example.org/in")
        #expect(
            text(call) == """
                {"alerts":[{"annotations":{"summary":"Freezer too warm \\"now\\""},"cause":"evaluation","endsAt":"0001-01-01T00:00:00Z","fingerprint":"\(Samples.news().alert)","generatorURL":"","key":"\(Samples.news().alert)-1767323045000-firing","labels":{"alertname":"FreezerWarm","device":"freezer","household":"home"},"reminder":false,"startsAt":"2026-01-02T03:09:05.000Z","status":"firing","text":{"en":"FIRING FreezerWarm: Freezer too warm \\"now\\" (since 10:04)","vi":"CẢNH BÁO FreezerWarm: Freezer too warm \\"now\\" (từ 10:04)"},"unacknowledgedOn":[],"undeliveredBy":[],"value":-11.2}],"commonAnnotations":{"summary":"Freezer too warm \\"now\\""},"commonLabels":{"alertname":"FreezerWarm","device":"freezer","household":"home"},"externalURL":"http://hub:8420","groupKey":"{}:{\\"alertname\\":\\"FreezerWarm\\",\\"household\\":\\"home\\"}","groupLabels":{"alertname":"FreezerWarm","household":"home"},"receiver":"web","sender":"hub","status":"firing","truncatedAlerts":0,"version":"4"}
                """)
        #expect(
            call.headers.first { $0.name == "Idempotency-Key" }?.value == "\(Samples.news().alert)-1767323045000-firing"
        )
    }

    /// The signature can be checked with: printf '%s.%s' TIMESTAMP BODY | openssl dgst -sha256 -hmac key
    @Test func theSignatureIsOfTimeAndBody() {
        let hook = Webhook(url: "https://example.org/in", key: Secret("key"), receiver: "web", groupBy: [])
        let call = hook.call(for: Samples.heartbeat)
        #expect(
            text(call)
                == #"{"healthy":true,"problems":[],"sender":"hub","time":"2026-01-02T03:04:05.000Z","type":"heartbeat"}"#
        )
        #expect(call.headers.first { $0.name == "X-Quantrac-Timestamp" }?.value == "1767323045")
        #expect(
            call.headers.first { $0.name == "X-Quantrac-Signature" }?.value
                == "sha256=eb59ce9482524e4a250f1fb9cd64182c925c54bf87d173231fac0db602f055f0")
    }

    @Test func severalChangesComeInOrder() {
        let hook = Webhook(url: "https://example.org/in", key: nil, receiver: "web", groupBy: ["alertname"])
        let call = hook.call(
            for: Samples.message([
                Samples.news(), Samples.news(firing: false), Samples.news(device: "b", firing: false),
            ]))
        let body = text(call)
        #expect(body.contains(#""commonLabels":{"alertname":"FreezerWarm","household":"home"}"#))
        #expect(body.contains(#""endsAt":"2026-01-02T03:19:05.000Z""#))
        #expect(!call.headers.contains { $0.name == "X-Quantrac-Signature" })
    }

    @Test(arguments: [
        (200, "delivered"), (204, "delivered"), (302, "failed"), (400, "rejected"), (401, "failed"), (404, "failed"),
        (413, "rejected"), (422, "rejected"), (429, "failed"), (500, "failed"), (503, "failed"),
    ]) func aStatusMeans(status: Int, meaning: String) {
        let outcome = HTTPOutcome.of(HTTPReply(status: status, body: Array("no\nway".utf8)))
        #expect("\(outcome)".hasPrefix(meaning))
        if status == 302 { #expect(outcome == .failed("HTTP 302: no way")) }
    }

    @Test func noTwoHeartbeatsHaveTheSameKey() {
        var later = Samples.heartbeat
        later.time = later.time.advanced(byMilliseconds: 1000)
        var other = Samples.heartbeat
        other.sender.name = "other"
        let keys = [Samples.heartbeat, later, other].map { message in
            let call = Webhook(url: "http://x", key: nil, receiver: "w", groupBy: []).call(for: message)
            return call.headers.first { $0.name == "Idempotency-Key" }?.value
        }
        #expect(Set(keys).count == 3)
    }

    @Test func theReceiverSaysHowLongToWait() {
        let reply = HTTPReply(status: 429, headers: [HTTPHeader("retry-after", "17")])
        #expect(HTTPOutcome.of(reply) == .failed("HTTP 429", retryAfter: .seconds(17)))
        for until in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            let headers = [
                HTTPHeader("Date", "Sun, 06 Nov 1994 08:49:07 GMT"), HTTPHeader("Retry-After", until),
            ]
            let reply = HTTPReply(status: 503, headers: headers)
            #expect(HTTPOutcome.of(reply) == .failed("HTTP 503", retryAfter: .seconds(30)), "\(until)")
        }
    }

    @Test func aSecretIsShownNowhere() {
        let secret = Secret("hunter2")
        #expect(!"\(secret)\(String(reflecting: secret))".contains("hunter2"))
        var dumped = ""
        dump(["s": secret], to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(Outcome.failed("no such bot: hunter2").hiding([secret]) == .failed("no such bot: •••"))
        // Before it is cut, and before its spaces are.
        let reply = HTTPReply(status: 401, body: Array((String(repeating: "x", count: 296) + "hun  ter2").utf8))
        #expect("\(HTTPOutcome.of(reply.hiding([Secret("hun  ter2")])))".contains("x•"))
    }
}
