import Readings
import Testing

@testable import PayloadDecoders

@Suite("A user's mapping says what topics and payloads are, before all conventions")
struct MappingTests {
    private func household(_ mappings: Mapping...) throws -> Household {
        Household(mappings: try MappingSet(mappings))
    }

    @Test func aTopicAloneIsEnough() throws {
        var household = try household(Mapping(name: "farm", topic: "farm/{device}/{metric}"))
        let plain = household.send("farm/pond-1/Water Temp", "24.5")
        #expect(plain.summary == ["pond-1 water_temp 24.5 -"])
        #expect(plain.convention == Convention(rawValue: "farm"))
        #expect(
            household.send("farm/pond-1/probe", #"{"pH":7.1,"ts":1795420799}"#).summary == ["pond-1 probe_ph 7.1 -"])
        #expect(household.send("farm/pond-1/probe/x", "24.5").convention == .generic)
    }

    @Test func devicesAreNamedByPartsOrTexts() throws {
        func device(_ mapping: Mapping, _ topic: String) throws -> String? {
            var household = try household(mapping)
            return household.send(topic, "1").readings.first.map { "\($0.device) \($0.metric)" }
        }
        #expect(try device(Mapping(topic: "a/{site}/{row}/{metric}"), "a/s/4/x") == "s/4 x")
        #expect(try device(Mapping(topic: "a/+/{metric}/raw"), "a/s/x/raw") == "a/s/raw x")
        #expect(try device(Mapping(topic: "a/#"), "a/b/c") == "a/b c")
        #expect(try device(Mapping(topic: "a/#"), "a") == "a a")
        #expect(
            try device(Mapping(topic: "{p}/#", device: "pond {p}!", metric: "level {p}"), "7/z") == "pond 7! level_7")
        #expect(try device(Mapping(topic: "ao/{tên}", device: "Ao {tên}"), "ao/ba\u{301}") == "Ao bá ba")
    }

    @Test func valuesAreFoundByPathsAndBroughtToTheirUnit() throws {
        var household = try household(
            Mapping(
                topic: "farm/{pond}/up",
                values: [
                    .init("s[1].t", metric: "water {pond}", unit: "°F"),
                    .init("Air.Hum", unit: "%RH", scale: 0.1, offset: -1),
                    .init(#"["odd.key"].x"#), .init("missing"), .init("$.word"),
                ], labels: ["pond": "{pond}", "site": "north"]))
        let decoded = household.send(
            "farm/2/up", #"{"s":[0,{"t":"50"}],"Air":{"Hum":611},"odd.key":{"x":true},"word":"none","other":5}"#)
        #expect(decoded.summary == ["2 air_hum 60.1 %", "2 odd_key_x 1.0 -", "2 water_2 10.0 Cel"])
        #expect(decoded.readings.allSatisfy { $0.labels == [Label("pond", "2"), Label("site", "north")] })
        #expect(household.send("farm/2/up", #"{"other":5}"#).refusal?.reason == .unknownPayload)
        #expect(household.send("farm/2/up", "5").refusal?.reason == .notJSON)
    }

    @Test func plainPayloadsHaveAnEmptyPath() throws {
        var household = try household(Mapping(topic: "t/{pond}", values: [.init(metric: "temperature", unit: "K")]))
        #expect(household.send("t/9", "300.15").summary == ["9 temperature 27.0 Cel"])
        #expect(household.send("t/9", "warm").refusal?.reason == .unknownPayload)
        #expect(household.send("t/9", "7", retained: true).readings.isEmpty)
    }

    @Test(
        arguments: [
            ("auto", "\"2026-11-23T07:59:59Z\"", 0), ("auto", "1795420799000", 0), ("s", "1795420799", 0),
            ("s", "1795420799.25", 250), ("ms", "\"1795420799250\"", 250), ("us", "1795420799250000", 250),
            ("ns", "1795420799250000000", 250), ("dd/MM/yyyy HH:mm:ss", "\"23/11/2026 14:59:59\"", 0),
            ("yyyyMMddTHHmmss.SSSZ", "\"20261123T075959.5+0000\"", 500),
            ("yyyy-MM-dd HH:mm:ss", "\"2026-11-23T14:59:59\"", 1000),
            ("s", "1795420799000", 1000), ("dd/MM/yyyy HH:mm:ss", "\"31/11/2026 14:59:59\"", 1000), ("s", "{}", 1000),
        ] as [(String, String, Int64)])
    func timesInEachFormat(format: String, written: String, expected: Int64) throws {
        var household = try household(
            Mapping(topic: "x", values: [.init("v")], time: .init("at", format: format, zone: "Asia/Ho_Chi_Minh")))
        let times = household.send("x", #"{"v":1,"at":\#(written)}"#).times
        #expect(times == [Household.now.advanced(byMilliseconds: expected - 1000)])
    }

    @Test func theNamedTimeGoesBeforeOthers() throws {
        var household = try household(Mapping(topic: "x", time: .init("m.at", format: "s")))
        let decoded = household.send("x", #"{"v":1,"ts":1795420000,"m":{"at":1795410000}}"#)
        #expect(decoded.readings.first?.time == Timestamp(milliseconds: 1_795_410_000_000))
    }

    @Test func mappingsAreAskedInTheirOrderBeforeConventions() throws {
        var household = try household(
            Mapping(name: "one", topic: "tele/+/SENSOR", device: "first"),
            Mapping(name: "two", topic: "#", device: "second"))
        #expect(household.send("tele/x/SENSOR", #"{"a":1}"#).summary == ["first a 1.0 -"])
        #expect(household.send("zigbee2mqtt/y", #"{"a":1}"#).summary == ["second a 1.0 -"])
        // As in MQTT, wildcards don't take what a broker tells of itself.
        #expect(household.send("$SYS/x", "1").readings.isEmpty)
    }

    @Test(
        arguments: [
            (Mapping(topic: ""), MappingFault.Problem.emptyTopic), (Mapping(topic: "a/#/b"), .badLevel("#")),
            (Mapping(topic: "a+/b"), .badLevel("a+")), (Mapping(topic: "a/x{b}"), .badLevel("x{b}")),
            (Mapping(topic: "{a}/{a}"), .partTwice("a")), (Mapping(topic: "a/{}"), .badLevel("{}")),
            (Mapping(topic: "a/{b}", device: "{c}"), .unknownPart("c", in: "{c}")),
            (Mapping(topic: "a/{b}", metric: "x{b"), .openBrace(in: "x{b")),
            (Mapping(topic: "a/{b}", metric: "b}"), .openBrace(in: "b}")),
            (Mapping(topic: "a", device: ""), .badName("")),
            (Mapping(name: "a\n", topic: "a"), .badName("a\n")),
            (Mapping(topic: "a", values: [.init("a..b")]), .badPath("a..b")),
            (Mapping(topic: "a", values: [.init("a[x]")]), .badPath("a[x]")),
            (Mapping(topic: "a", values: [.init("a[-1]")]), .badPath("a[-1]")),
            (Mapping(topic: "a", values: [.init("a[")]), .badPath("a[")),
            (Mapping(topic: "a", values: [.init("a", unit: "None")]), .badUnit("None")),
            (Mapping(topic: "a", values: [.init("a", scale: 0)]), .badScale(0)),
            (Mapping(topic: "a", values: [.init("a", scale: .infinity)]), .badScale(.infinity)),
            (Mapping(topic: "a", time: .init("")), .badPath("")),
            (Mapping(topic: "a", time: .init("t", format: "HH:mm")), .badTimeFormat("HH:mm")),
            (Mapping(topic: "a", time: .init("t", format: "yyyy-MM-dd hh")), .badTimeFormat("yyyy-MM-dd hh")),
            (Mapping(topic: "a", time: .init("t", zone: "Mars/Base")), .unknownZone("Mars/Base")),
            (Mapping(topic: "a", labels: ["device": "x"]), .reservedLabel("device")),
            (Mapping(topic: "a", labels: ["x": "{y}"]), .unknownPart("y", in: "{y}")),
        ] as [(Mapping, MappingFault.Problem)])
    func whatCannotBeMeantIsToldAtOnce(mapping: Mapping, problem: MappingFault.Problem) throws {
        do {
            _ = try MappingSet([Mapping(topic: "fine"), mapping])
            Issue.record("\(mapping) was taken")
        } catch {
            #expect(error.problem == problem)
            #expect(error.description.contains(mapping.topic) && error.description.count > 20)
        }
    }

    @Test func thereIsALimit() {
        #expect(throws: MappingFault.self) { try MappingSet(Array(repeating: Mapping(topic: "a"), count: 257)) }
    }
}
