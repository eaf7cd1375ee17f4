import Alerting
import Foundation
import Readings
import Testing

@testable import Delivery

@Suite("Each channel says it in its receiver's words")
struct FormatTests {
    private func text(_ call: HTTPCall) -> String { String(decoding: call.body, as: UTF8.self) }

    private let warm = Samples.news(
        labels: [Label("severity", "critical")],
        annotations: [Label("summary", "Freezer < −12 & rising"), Label("summary_vi", "Tủ đông ấm lên")])

    // MARK: - Alertmanager

    @Test func alertmanagerGetsAFiringAlertWithAnEndAhead() {
        let call = Alertmanager(url: "http://127.0.0.1:9093/").call(for: Samples.message([Samples.news()]))
        #expect(call.url == "http://127.0.0.1:9093/api/v2/alerts")
        #expect(call.headers == [HTTPHeader("Content-Type", "application/json")])
        #expect(
            text(call)
                == #"[{"annotations":{},"endsAt":"2026-01-02T03:13:06.000Z","generatorURL":"http://hub:8420","labels":{"alertname":"FreezerWarm","device":"freezer","household":"home"},"startsAt":"2026-01-02T03:09:05.000Z"}]"#
        )
    }

    @Test func alertmanagerGetsTheEndOfAResolvedOne() {
        var message = Samples.message([Samples.news(firing: false)])
        message.sender.externalURL = nil
        let call = Alertmanager(url: "http://a", token: Secret("t")).call(for: message)
        #expect(text(call).contains(#""endsAt":"2026-01-02T03:19:05.000Z""#))
        #expect(!text(call).contains("generatorURL"))
        #expect(call.headers.contains(HTTPHeader("Authorization", "Bearer t")))
    }

    @Test(arguments: [
        ("alertname", "alertname"), ("_x9", "_x9"), ("phòng", "U__ph_f2_ng"), ("a_b-c", "U__a__b_2d_c"),
        ("9lives", "U___39_lives"), ("", "U__"),
    ]) func namesBeyondASCIIAreEscaped(name: String, written: String) {
        #expect(Alertmanager.labelName(name) == written)
    }

    // MARK: - ntfy and Telegram

    @Test func whatIsOverAlreadyWhenItIsToldRingsNobody() {
        let critical = [Label("severity", "critical")]
        let began = Samples.news(labels: critical)
        let ended = Samples.news(firing: false, labels: critical)
        let other = Samples.news("Other", device: "b")
        func body(_ news: [News], _ language: AlertNotice.Language = .english) -> String {
            let call = Ntfy(url: "u", topic: "t", language: language).call(for: Samples.message(news))
            return String(decoding: call.body, as: UTF8.self)
        }
        let over = body([began, ended])
        #expect(over.contains("\"priority\":2") && over.contains("\"title\":\"RESOLVED FreezerWarm"), "\(over)")
        #expect(over.contains("It began and ended before this could be told."))
        #expect(body([began, ended], .vietnamese).contains("trước khi tin này được gửi"))
        // It fires again, or another one does.
        #expect(body([began, ended, began]).contains("\"priority\":5"))
        #expect(body([began, ended, other]).contains("\"priority\":4"))
        #expect(body([ended]).contains("\"priority\":3"), "its beginning was told before")
        // Programs hear of each change.
        let hook = Webhook(url: "u", key: nil, receiver: "r", groupBy: []).call(for: Samples.message([began, ended]))
        let text = String(decoding: hook.body, as: UTF8.self)
        #expect(text.contains(began.key) && text.contains(ended.key))
    }

    @Test func aReminderOfSeveralSaysThatTheyStillFire() {
        let many = Samples.message([Samples.news(), Samples.news(device: "b")], reminder: true)
        #expect(NoticeText(many, in: .english).title == "STILL FIRING, 2 alerts: FreezerWarm")
        #expect(NoticeText(many, in: .vietnamese).title == "VẪN CÒN 2 CẢNH BÁO: FreezerWarm")
    }

    @Test func ntfyGetsTitleUrgencyAndTag() {
        let call = Ntfy(url: "https://ntfy.sh", topic: "home", token: Secret("tk")).call(for: Samples.message([warm]))
        #expect(call.url == "https://ntfy.sh")
        #expect(
            text(call)
                == #"{"click":"http://hub:8420","message":"FIRING FreezerWarm: Freezer < −12 & rising (since 10:04)","priority":5,"tags":["rotating_light"],"title":"FIRING FreezerWarm: Freezer < −12 & rising (since 10:04)","topic":"home"}"#
        )
        let ended = Ntfy(url: "https://ntfy.sh", topic: "home", language: .vietnamese).call(
            for: Samples.message([Samples.news(firing: false), Samples.news("Khác", device: "b", firing: false)]))
        #expect(
            text(ended).contains(#""title":"2 ĐÃ HẾT: FreezerWarm, Khác""#) && text(ended).contains("white_check_mark"))
    }

    @Test func telegramGetsEscapedHTML() {
        let call = Telegram(token: Secret("1:T"), chat: "-100", language: .vietnamese).call(
            for: Samples.message([warm], undeliveredBy: ["phone"]))
        #expect(call.url == "https://api.telegram.org/bot1:T/sendMessage")
        #expect(
            text(call)
                == #"{"chat_id":"-100","parse_mode":"HTML","text":"🚨 <b>CẢNH BÁO FreezerWarm: Tủ đông ấm lên (từ 10:04)</b>\nKhông gửi được qua: phone"}"#
        )
        let english = Telegram(token: Secret("1:T"), chat: "-100").call(for: Samples.message([warm], reminder: true))
        #expect(text(english).contains("<b>STILL FIRING FreezerWarm: Freezer &lt; −12 &amp; rising (since 10:04)</b>"))
    }

    /// However long their texts are, and however much of them HTML has to escape.
    @Test(arguments: [0, 60, 280], [0, 290, 2000]) func longMessagesNameAllAlerts(summary: Int, description: Int) throws
    {
        struct Body: Decodable {
            var text: String?
            var message: String?
        }
        func body(_ call: HTTPCall) throws -> String {
            let body = try JSONDecoder().decode(Body.self, from: Data(call.body))
            let text = body.text ?? body.message
            return try #require(text)
        }
        let many = (10..<30).map { number in
            Samples.news(
                device: "sensor \(number)",
                annotations: [
                    Label(
                        "summary", summary == 0 ? "" : "sensor \(number) " + String(repeating: "<ấ", count: summary / 2)
                    ),
                    Label("description", String(repeating: "& ", count: description / 2)),
                ])
        }
        let telegram = try body(Telegram(token: Secret("1:T"), chat: "1").call(for: Samples.message(many)))
        let read = telegram.replacing("&lt;", with: "<").replacing("&amp;", with: "&")
        #expect(read.utf16.count <= 4096 + "<b></b>".count)
        let ntfy = try body(Ntfy(url: "https://ntfy.sh", topic: "t").call(for: Samples.message(many)))
        #expect(ntfy.utf8.count <= 4096)
        for text in [telegram, ntfy] {
            for number in 10..<30 { #expect(text.contains("sensor \(number)")) }
            #expect(text.contains("more lines") == (description > 0))
        }
        // What is short is said of all, and as much of the rest as there is room for.
        let few = try body(
            Ntfy(url: "https://ntfy.sh", topic: "t").call(for: Samples.message(Array(many[..<5]), undeliveredBy: ["w"]))
        )
        #expect(few.components(separatedBy: "Could not be delivered by: w").count == 6)
        if description == 2000, summary < 280 { #expect(few.contains("& & &") && few.contains("more lines")) }
        // Of a single one there is room for all.
        let one = try body(Ntfy(url: "https://ntfy.sh", topic: "t").call(for: Samples.message([many[0]])))
        #expect(one.utf8.count <= 4096 && !one.contains("more lines"))
    }

    @Test func telegramsAnswersAreUnderstood() {
        let telegram = Telegram(token: Secret("1:T"), chat: "1")
        func outcome(_ status: Int, _ body: String) -> Outcome {
            telegram.outcome(of: HTTPReply(status: status, body: Array(body.utf8)))
        }
        #expect(outcome(200, "{}") == .delivered)
        #expect(
            outcome(429, #"{"ok":false,"description":"Too Many Requests","parameters":{"retry_after":9}}"#)
                == .failed("HTTP 429: Too Many Requests", retryAfter: .seconds(9)))
        #expect(
            outcome(400, #"{"description":"Bad Request: chat not found"}"#)
                == .failed("HTTP 400: Bad Request: chat not found"))
        #expect(
            outcome(400, #"{"description":"Bad Request: message is too long"}"#)
                == .rejected("HTTP 400: Bad Request: message is too long"))
    }

    // MARK: - MQTT

    @Test func theBrokerGetsTheStateAndHomeAssistantTheEntity() {
        let publications = BrokerFormat(client: "quantracd", discoveryPrefix: "homeassistant").all(
            of: Samples.message([warm]))
        #expect(publications.map(\.retain) == [true, true, true])
        #expect(publications[0].topic == "homeassistant/binary_sensor/quantrac_\(warm.alert)/config")
        #expect(
            String(decoding: publications[0].payload, as: UTF8.self)
                == #"{"availability_topic":"quantrac/status/quantracd","device":{"identifiers":["quantrac_quantracd"],"manufacturer":"Quantrac","name":"Quantrac"},"device_class":"problem","json_attributes_topic":"quantrac/alerts/home/FreezerWarm/\#(warm.alert)","name":"freezer: FreezerWarm","origin":{"name":"Quantrac"},"state_topic":"quantrac/alerts/home/FreezerWarm/\#(warm.alert)","unique_id":"quantrac_\#(warm.alert)","value_template":"{{ 'ON' if value_json.state == 'firing' else 'OFF' }}"}"#
        )
        #expect(publications[1].topic == "homeassistant/button/quantrac_\(warm.alert)_acknowledge/config")
        let button = String(decoding: publications[1].payload, as: UTF8.self)
        #expect(button.contains(#""command_topic":"quantrac/alerts/home/command""#), "\(button)")
        #expect(button.contains(#"{\"acknowledge\":\"\#(warm.alert)\""#), "\(button)")
        #expect(publications[2].topic == warm.notice.topic)
        #expect(publications[2].payload == Array(warm.notice.json.utf8))
        #expect(BrokerFormat(client: "a").all(of: Samples.message([warm])).count == 1)
    }

    @Test func heartbeatsExpire() {
        let publications = BrokerFormat(client: "quantracd", discoveryPrefix: "homeassistant", heartbeat: .seconds(60))
            .all(of: Samples.heartbeat)
        #expect(
            publications.map(\.topic) == [
                "homeassistant/binary_sensor/quantrac_heartbeat_quantracd/config", "quantrac/heartbeat/quantracd",
            ])
        #expect(publications.map(\.retain) == [true, false])
        #expect(String(decoding: publications[0].payload, as: UTF8.self).contains(#""expire_after":180"#))
    }

    // MARK: - E-mail

    @Test func anEMailIsWhatMailProgramsRead() {
        let mail = MailMessage(from: "hub@example.org", to: ["a@example.org", "b@example.org"], language: .vietnamese)
        let text = String(decoding: mail.bytes(for: Samples.message([warm])), as: UTF8.self)
        let body = Data(
            "CẢNH BÁO FreezerWarm: Tủ đông ấm lên (từ 10:04)\n\n-- \nQuantrac, hub\nhttp://hub:8420\n".utf8
        ).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        #expect(
            text == """
                From: Quantrac <hub@example.org>
                To: <a@example.org>,
                 <b@example.org>
                Subject: =?UTF-8?B?Q+G6ok5IIELDgU8gRnJlZXplcldhcm06IFThu6cgxJHDtG5nIOG6pW0gbMOq?=
                 =?UTF-8?B?biAodOG7qyAxMDowNCk=?=
                Date: 2 Jan 2026 03:09:06 +0000
                Message-ID: <\(warm.key)@hub>
                X-Quantrac-Key: \(warm.key)
                References: <\(warm.alert)-1767323045000@hub>
                Importance: high
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: base64


                """.replacingOccurrences(of: "\n", with: "\r\n") + body + "\r\n")
    }

    @Test func subjectsAreCutBetweenCharacters() {
        let text = String(repeating: "ấ🚨", count: 40)
        let words = MailMessage.encodedWords(text).components(separatedBy: "\r\n ")
        #expect(words.allSatisfy { $0.utf8.count <= 75 })
        let decoded = words.map { word in
            Data(base64Encoded: String(word.dropFirst(10).dropLast(2))).map { String(decoding: $0, as: UTF8.self) }
                ?? "?"
        }.joined()
        #expect(decoded == text)
        #expect(MailMessage.encodedWords("plain text") == "plain text")
        #expect(MailMessage.encodedWords("=?x?=") != "=?x?=")
    }
}
