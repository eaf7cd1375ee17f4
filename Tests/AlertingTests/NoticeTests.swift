import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@Suite("A notice says in a line what happened, to people and to programs")
struct NoticeTests {
    private func transition(
        _ from: AlertState, _ to: AlertState, cause: AlertTransition.Cause = .evaluation, value: Double = -11.25,
        labels: Labels = ["alertname": "FreezerWarm", "device": "freezer", "household": "home"],
        annotations: [Label] = [],
        activeAt: String = "13:03"
    ) -> AlertTransition {
        // 2026-11-23, in UTC
        let day: Int64 = 1_795_392_000_000
        let minutes = activeAt.split(separator: ":").compactMap { Int64($0) }
        let active = Timestamp(milliseconds: day + (minutes[0] * 60 + minutes[1]) * 60_000)
        return AlertTransition(
            labels: labels, annotations: annotations, from: from, to: to, value: value, activeAt: active,
            at: Timestamp(milliseconds: day + 14 * 3_600_000), cause: cause)
    }

    @Test("only the beginning and the end of firing are told")
    func whatIsTold() {
        #expect(AlertNotice(transition(.inactive, .pending)) == nil)
        #expect(AlertNotice(transition(.pending, .inactive)) == nil)
        #expect(AlertNotice(transition(.firing, .firing)) == nil)
        #expect(AlertNotice(transition(.pending, .firing))?.isFiring == true)
        #expect(AlertNotice(transition(.inactive, .firing))?.isFiring == true)
        #expect(AlertNotice(transition(.firing, .inactive))?.isFiring == false)
    }

    @Test("the line, in both languages")
    func lines() throws {
        let firing = try #require(AlertNotice(transition(.pending, .firing)))
        #expect(firing.text(in: .english) == "FIRING FreezerWarm: freezer at −11.25 (since 13:03 UTC)")
        #expect(firing.text(in: .vietnamese) == "CẢNH BÁO FreezerWarm: freezer ở mức −11.25 (từ 13:03 UTC)")
        let local = try #require(AlertNotice(transition(.firing, .inactive), secondsEastOfUTC: 7 * 3600))
        #expect(local.text(in: .english) == "RESOLVED FreezerWarm: freezer at −11.25 (20:03 to 21:00)")
        #expect(local.text(in: .vietnamese) == "ĐÃ HẾT FreezerWarm: freezer ở mức −11.25 (từ 20:03 đến 21:00)")
        let summaries = [Label("summary", "Freezer is\nwarm"), Label("summary_vi", "Tủ đông ấm")]
        let told = try #require(
            AlertNotice(
                transition(.inactive, .firing, annotations: summaries, activeAt: "00:00"), secondsEastOfUTC: -3600))
        #expect(told.text(in: .english) == "FIRING FreezerWarm: Freezer is warm (since 2026-11-22 23:00)")
        #expect(told.text(in: .vietnamese) == "CẢNH BÁO FreezerWarm: Tủ đông ấm (từ 2026-11-22 23:00)")
        let removed = try #require(AlertNotice(transition(.firing, .inactive, cause: .ruleRemoved)))
        #expect(removed.text(in: .english).hasPrefix("ENDED FreezerWarm: freezer at −11.25 (its rule was removed"))
        let bare = try #require(AlertNotice(transition(.inactive, .firing, value: .nan, labels: ["alertname": "A"])))
        #expect(bare.text(in: .english).hasPrefix("FIRING A: nan ("))
        let long = try #require(
            AlertNotice(
                transition(.inactive, .firing, annotations: [Label("summary", String(repeating: "x", count: 100_000))]))
        )
        #expect(long.text(in: .english).count < 400)
    }

    @Test("the topic has four levels below the root of which no label can make more")
    func topics() throws {
        let plain = try #require(AlertNotice(transition(.inactive, .firing)))
        #expect(plain.topic == "quantrac/alerts/home/FreezerWarm/\(plain.fingerprint)")
        #expect(plain.fingerprint.count == 16)
        let hostile = try #require(
            AlertNotice(transition(.inactive, .firing, labels: ["alertname": "a/b+c#d\u{0}e\nf", "household": "x/#"])))
        #expect(hostile.topic == "quantrac/alerts/x__/a_b_c_d_e_f/\(hostile.fingerprint)")
        let none = try #require(AlertNotice(transition(.inactive, .firing, labels: [:])))
        #expect(none.topic.hasPrefix("quantrac/alerts/_/_/"))
        let long = try #require(
            AlertNotice(transition(.inactive, .firing, labels: ["alertname": String(repeating: "é", count: 100_000)])))
        #expect(long.topic.utf8.count < 400)
    }

    @Test("an alert's fingerprint depends on its labels alone, and differs for others")
    func fingerprints() throws {
        var seen: Set<String> = []
        for labels in [["a": "bc"], ["ab": "c"], ["a": "b", "c": "d"], ["a": "b"], [:]] as [Labels] {
            let one = try #require(AlertNotice(transition(.inactive, .firing, labels: labels)))
            let other = try #require(
                AlertNotice(transition(.firing, .inactive, value: 3, labels: labels, activeAt: "01:00")))
            #expect(one.fingerprint == other.fingerprint)
            #expect(seen.insert(one.fingerprint).inserted)
        }
        // The empty set's: FNV-1a's offset basis. A fingerprint may never change, as receivers keep it.
        #expect(seen.contains("cbf29ce484222325"))
    }

    @Test("the body is JSON with everything in it, whatever the labels hold")
    func json() throws {
        let annotations = [Label("summary", "\"quoted\" \\ \u{1} \t\r\n phòng 😀")]
        let notice = try #require(AlertNotice(transition(.pending, .firing, annotations: annotations)))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(notice.json.utf8)) as? [String: Any])
        #expect(object["alert"] as? String == "FreezerWarm")
        #expect(object["state"] as? String == "firing")
        #expect(object["cause"] as? String == "evaluation")
        #expect(
            object["labels"] as? [String: String] == [
                "alertname": "FreezerWarm", "device": "freezer", "household": "home",
            ])
        #expect(object["annotations"] as? [String: String] == ["summary": annotations[0].value])
        #expect(object["value"] as? Double == -11.25)
        #expect(object["activeAt"] as? String == "2026-11-23T13:03:00.000Z")
        #expect(object["at"] as? String == "2026-11-23T14:00:00.000Z")
        #expect((object["text"] as? [String: String])?["vi"]?.hasPrefix("CẢNH BÁO") == true)
        let resolved = try #require(AlertNotice(transition(.firing, .inactive, value: .infinity)))
        let other = try #require(try JSONSerialization.jsonObject(with: Data(resolved.json.utf8)) as? [String: Any])
        #expect(other["state"] as? String == "resolved")
        #expect(other["value"] is NSNull)
    }
}
