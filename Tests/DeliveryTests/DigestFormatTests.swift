import Alerting
import Foundation
import Readings
import Testing

@testable import Delivery

@Suite("A digest is said in words that its readers understand")
struct DigestFormatTests {
    private typealias Bench = DispatchBench

    /// A day on which much happened.
    private func eventful() throws -> DailyDigest {
        let quiet = Bench.channel {
            $0.quietHours = LocalHours("22:00-06:00", zone: TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt)
                .map { QuietHours($0) }
        }
        var bench = Bench([quiet, ChannelPolicy(name: "telegram")], at: "2026-11-25T07:00:00+07:00")
        bench.condition = DigestCondition(
            problems: ["broker_unreachable"],
            households: [DigestCondition.Household(name: "home", devices: 12, unheard: ["attic", "pond 3"])])
        for _ in 0..<3 {
            bench.add("DoorOpen", device: "door")
            _ = bench.pass(.seconds(840))
            bench.add("DoorOpen", device: "door", firing: false)
            _ = bench.pass(.seconds(3600))
        }
        _ = bench.pass(.milliseconds(Bench.time("2026-11-25T22:30:00+07:00").milliseconds(since: bench.wall)))
        bench.add("Humid", device: "cellar")
        _ = bench.pass(.seconds(5400))
        bench.add("Humid", device: "cellar", firing: false)
        _ = bench.pass(.milliseconds(Bench.time("2026-11-26T03:14:00+07:00").milliseconds(since: bench.wall)))
        bench.add()
        let (_, changes) = try bench.dispatcher.silence(
            SilenceRequest(kind: .acknowledge, alert: "FreezerWarm", author: "Lan"), at: bench.wall)
        bench.write(changes)
        return try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
    }

    private func calm() throws -> DailyDigest {
        var bench = Bench([Bench.channel()], at: "2026-11-25T07:00:00+07:00")
        bench.condition.households = [DigestCondition.Household(name: "home", devices: 12, unheard: [])]
        return try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
    }

    private func message(_ digest: DailyDigest, undeliveredBy: [String] = []) -> Message {
        let notice = DigestNotice(channel: "c", digest: digest, created: .zero, undeliveredBy: undeliveredBy)
        return Message(
            dispatch: Dispatch(id: 1, channel: "c", content: .digest(notice)), time: digest.until,
            sender: Samples.sender)
    }

    private func text(_ call: HTTPCall) -> String { String(decoding: call.body, as: UTF8.self) }

    @Test func aDayOnWhichMuchHappened() throws {
        let digest = try eventful()
        let english = DigestText(digest, in: .english)
        #expect(english.title == "Daily digest 2026-11-26: 1 STILL FIRING, 2 ended")
        #expect(
            english.lines == [
                "What happened since yesterday 07:00:",
                "Something is wrong now: the broker cannot be reached. See: quantrac status",
                "Still firing:",
                "• FreezerWarm, freezer at −11.2: since 03:14, for 3 h 46 min; acknowledged by Lan",
                "Ended:",
                "• Humid, cellar at −11.2: yesterday 22:30 to 00:00, 1 h 30 min; not told (quiet hours)",
                "• DoorOpen, door at −11.2: 3 times, 42 min in all, last yesterday 09:28 to 09:42",
                "Not heard for a day (2/12): attic, pond 3",
                "Devices heard: 10 of 12.",
            ])
        let vietnamese = DigestText(digest, in: .vietnamese)
        #expect(vietnamese.title == "Bản tin ngày 2026-11-26: 1 VẪN CẢNH BÁO, 2 đã hết")
        #expect(
            vietnamese.lines == [
                "Những gì đã xảy ra từ 07:00 hôm qua:",
                "Hiện đang có vấn đề: không kết nối được broker. Xem: quantrac status",
                "Vẫn đang cảnh báo:",
                "• FreezerWarm, freezer ở mức −11.2: từ 03:14, đã 3 giờ 46 phút; Lan đã nhận",
                "Đã hết:",
                "• Humid, cellar ở mức −11.2: 22:30 hôm qua đến 00:00, 1 giờ 30 phút; không báo (giờ yên tĩnh)",
                "• DoorOpen, door ở mức −11.2: 3 lần, tổng cộng 42 phút, lần cuối 09:28 hôm qua đến 09:42",
                "Không có tín hiệu cả ngày (2/12): attic, pond 3",
                "Thiết bị có tín hiệu: 10/12.",
            ])
    }

    @Test func aDayOnWhichAllWasWell() throws {
        let digest = try calm()
        let english = DigestText(digest, in: .english)
        #expect(english.title == "Daily digest 2026-11-26: all well")
        #expect(english.lines == ["All well since yesterday 07:00: no alerts.", "Devices heard: 12 of 12."])
        let vietnamese = DigestText(digest, in: .vietnamese)
        #expect(vietnamese.title == "Bản tin ngày 2026-11-26: mọi việc bình thường")
        #expect(
            vietnamese.lines == [
                "Mọi việc bình thường từ 07:00 hôm qua: không có cảnh báo.", "Thiết bị có tín hiệu: 12/12.",
            ])
    }

    /// Nobody may read "all well" of a day that nobody watched.
    @Test func allIsNotWellWhenNobodyKnows() throws {
        var away = Bench([Bench.channel()], at: "2026-11-25T07:00:00+07:00")
        _ = away.pass(.seconds(1200))
        away.isAway(.seconds(5 * 3600))
        let digest = try #require(away.digests(until: "2026-11-26T07:00:00+07:00").first)
        let text = DigestText(digest, in: .english)
        #expect(text.title == "Daily digest 2026-11-26: no alerts, but see below")
        #expect(text.lines[1] == "Quantrac did not run: yesterday 07:20 to 12:21. Nothing was watched.")
        var blind = Bench([Bench.channel()], at: "2026-11-25T07:00:00+07:00")
        blind.condition.isWatching = false
        let other = try #require(blind.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(!other.isCalm)
        #expect(DigestText(other, in: .vietnamese).lines[1].contains("không được đánh giá"))
    }

    @Test func severalHouseholdsHaveAPartEach() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        bench.condition.households = (1...9).map {
            DigestCondition.Household(name: "h\($0)", devices: 2, unheard: [])
        }
        bench.add(household: "h3")
        let lines = DigestText(
            try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first), in: .english
        ).lines
        #expect(lines[1] == "— h3 —" && lines[2] == "Still firing:")
        #expect(lines.suffix(2) == ["8 other households: all well.", "Devices heard: 18 of 18."])
    }

    @Test func durationsHaveTheirTwoLargestParts() {
        let words = DigestWords(language: .english)
        #expect(
            [0, 59_999, 60_000, 3_600_000, 93_784_000, 90_000_000, -5].map { words.duration($0) }
                == ["0 s", "59 s", "1 min", "1 h", "1 d 2 h", "1 d 1 h", "0 s"])
    }

    // MARK: - Channels

    @Test func aCalmOneComesWithoutASound() throws {
        let calm = try message(calm())
        let telegram = Telegram(token: Secret("1:T"), chat: "-100")
        #expect(
            text(telegram.call(for: calm))
                == #"{"chat_id":"-100","disable_notification":true,"parse_mode":"HTML","text":"✅ <b>Daily digest 2026-11-26: all well</b>\nAll well since yesterday 07:00: no alerts.\nDevices heard: 12 of 12."}"#
        )
        let eventful = try message(eventful())
        #expect(!text(telegram.call(for: eventful)).contains("disable_notification"))
        #expect(text(telegram.call(for: eventful)).contains("🚨 <b>Daily digest"))
        let ntfy = Ntfy(url: "https://ntfy.sh", topic: "t")
        #expect(text(ntfy.call(for: calm)).contains(#""priority":2"#))
        #expect(text(ntfy.call(for: eventful)).contains(#""priority":3"#))
    }

    @Test func programsGetEverythingInItsPlace() throws {
        let digest = try eventful()
        let call = Webhook(url: "http://w", key: nil, receiver: "mail", groupBy: []).call(for: message(digest))
        #expect(call.headers.contains(HTTPHeader("Idempotency-Key", digest.key)))
        struct Body: Decodable {
            struct Alert: Decodable {
                var alert: String
                var state: String
                var ends: Int
                var firedSeconds: Double
                var mutes: [String]
            }
            var type: String
            var day: String
            var calm: Bool
            var since: String
            var alerts: [Alert]
            var text: [String: String]
        }
        let body = try JSONDecoder().decode(Body.self, from: Data(call.body))
        #expect(body.type == "digest" && body.day == "2026-11-26" && !body.calm)
        #expect(body.since == "2026-11-25T00:00:00.000Z")
        #expect(body.alerts.map(\.alert) == ["FreezerWarm", "Humid", "DoorOpen"])
        #expect(body.alerts.map(\.state) == ["firing", "resolved", "resolved"])
        #expect(body.alerts.map(\.firedSeconds) == [0, 5400, 2520])
        #expect(body.text["vi"]?.hasPrefix("Bản tin ngày 2026-11-26: 1 VẪN CẢNH BÁO, 2 đã hết\n") == true)
    }

    @Test func theBrokerGetsOneForEachHousehold() throws {
        var bench = Bench([Bench.channel("mqtt")], at: "2026-11-25T10:00:00+07:00")
        bench.condition.households = ["h7", "a/b"].map {
            DigestCondition.Household(name: $0, devices: 1, unheard: [])
        }
        bench.add(device: "secret of h7", household: "h7")
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00", of: "mqtt").first)
        let publications = BrokerFormat(client: "quantracd", discoveryPrefix: "homeassistant").publications(
            for: message(digest))
        #expect(publications.map(\.topic) == ["quantrac/digest/a_b", "quantrac/digest/h7"])
        #expect(publications.map(\.retain) == [true, true])
        let bodies = publications.map { String(decoding: $0.payload, as: UTF8.self) }
        #expect(!bodies[0].contains("secret of h7") && !bodies[0].contains("h7"))
        #expect(bodies[0].contains(#""calm":true"#) && bodies[1].contains("secret of h7"))
    }

    @Test func anEMailHasTheDayInItsIdentity() throws {
        let digest = try calm()
        let mail = MailMessage(from: "hub@example.org", to: ["a@example.org"], language: .english)
        let text = String(decoding: mail.bytes(for: message(digest)), as: UTF8.self)
        #expect(text.contains("Subject: Daily digest 2026-11-26: all well\r\n"))
        #expect(text.contains("Message-ID: <\(digest.key)@hub>\r\n"))
        #expect(digest.key.hasPrefix("digest-2026-11-26-") && digest.key.utf8.allSatisfy { $0 < 0x80 })
        #expect(!text.contains("References:") && !text.contains("Importance:"))
    }

    @Test func oneThatAnotherChannelCouldNotTellSaysSo() throws {
        let message = message(try calm(), undeliveredBy: ["phone", "tablet"])
        let (english, vietnamese) = (NoticeText(message, in: .english), NoticeText(message, in: .vietnamese))
        #expect(english.lines.last == "Could not be delivered by: phone, tablet")
        #expect(vietnamese.lines.last == "Không gửi được qua: phone, tablet")
        // Something is the matter with the channel.
        #expect(english.urgency == .usual)
        let notice = try #require(message.dispatch.digest)
        #expect(DigestBody(notice, sender: "hub").undeliveredBy == ["phone", "tablet"])
    }
}
