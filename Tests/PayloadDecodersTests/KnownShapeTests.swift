import Readings
import TestSupport
import Testing

@testable import PayloadDecoders

@Suite("A message in a form that is known is read as if it were the first")
struct KnownShapeTests {
    private static let topics = [
        "tele/x/SENSOR", "tele/x/STATE", "zigbee2mqtt/a", "zigbee2mqtt/b", "farm/node", "s/events/rpc",
    ]

    /// In which other values, and other keys, are put.
    private static let payloads = [
        #"{"Time":"2026-11-23T07:59:58","ENERGY":{"TotalStartTime":"2025-03-01T08:00:00","Total":1.5,"Power":[1,2,3],"Period":5},"SpeedUnit":"km/h","A":{"Speed":7}}"#,
        #"{"Time":"2026-11-23T07:59:58","AM2301":{"Temperature":21.5,"Humidity":60.1,"Id":"00AB"},"TempUnit":"F"}"#,
        #"{"Time":"2026-11-23T07:59:58","BME280":{"Pressure":1013.2},"PressureUnit":"mmHg","TempUnit":"C"}"#,
        #"{"ZbReceived":{"0x3B4C":{"Device":"0x3B4C","Temperature":23.61}},"Time":"2026-11-23T07:59:58"}"#,
        #"{"battery":88,"humidity":61.35,"last_seen":1795420799999,"temperature":-21.5,"voltage":3005,"update":{"state":"idle"}}"#,
        #"{"state":"ON","power":1.5e2,"energy":-0.0,"voltage":231,"child_lock":null,"color":{"x":0.1,"y":true}}"#,
        #"{"ts":1795420700,"values":{"temperature":1,"note":"a\u0062"},"time":"2026-11-23T07:00:00Z"}"#,
        #"{"temperature":"37.00","_type":"location","lat":1,"nhiệt độ":28.5,"l":[1,[2,{"b":3}],"x"]}"#,
        #"{"src":"m-0a1b2c3d4e5f","method":"NotifyStatus","params":{"ts":1795420795.25,"switch:0":{"aenergy":{"total":5},"apower":1}}}"#,
        #"{"src":"m-0a1b2c3d4e5f","method":"NotifyFullStatus","params":{"ts":1,"switch:0":{"aenergy":{"total":5},"apower":1}}}"#,
    ]

    /// What stands for a value, right and wrong.
    private static let values = [
        "0", "-0", "-0.0", "7", "-12.75", "1000", "999.999", "1e3", "1E-7", "1e400", "01", "1.", ".5", "+1", "-",
        "9007199254740993", "12345678901234567890", "0.1234567890123456789", "1795420700", "1795420700123", "null",
        "true",
        "false", "nul", "\"ON\"", "\"off\"", "\"nan\"", "\"21.5\"", "\" 7 \"", "\"\"", "\"\\u0037\"", "\"a\\\"b\"",
        "\"C\"", "\"F\"", "\"K\"", "\"2026-11-23T06:00:00\"", "\"2026-11-23T06:00:00+07:00\"",
        "\"1970-01-01T00:00:00\"",
        "\"2031-01-01T00:00:00Z\"", "\"location\"", "\"NotifyEvent\"", "\"NotifyStatus\"", "\"\u{1}\"", "\"đ\"", "[]",
        "{}",
        "[1]", "{\"x\":1}", "\"x",
    ]

    private static let keys = [
        "Temperature", "temperature", "Time", "time", "ts", "TempUnit", "ZbReceived", "_type", "x", "id", "voltage",
        "Speed",
        "values", "T\\u0069me",
    ]

    /// Mostly puts another value into the same form; sometimes breaks it.
    private static func mutate(_ payload: String, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(payload.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1:
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...5, using: &random)))
            case 2:
                let member =
                    "{\"\(keys.randomElement(using: &random) ?? "")\":\(values.randomElement(using: &random) ?? ""),"
                if let at = bytes.indices.filter({ bytes[$0] == UInt8(ascii: "{") }).randomElement(using: &random) {
                    bytes.replaceSubrange(at...at, with: Array(member.utf8))
                }
            default:
                let starts = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
                guard let colon = starts.randomElement(using: &random) else { continue }
                var end = colon + 1
                while end < bytes.count, !Array(",}]{[".utf8).contains(bytes[end]) { end += 1 }
                bytes.replaceSubrange(
                    colon + 1..<end, with: Array((values.randomElement(using: &random) ?? "").utf8))
            }
            if bytes.isEmpty { break }
        }
        return bytes
    }

    private static let announcements = [
        (
            "zigbee2mqtt/bridge/devices",
            #"[{"friendly_name":"b","definition":{"exposes":[{"property":"voltage","unit":"mV"},{"property":"x","unit":"W"}]}}]"#
        ),
        ("zigbee2mqtt/bridge/devices", "[]"),
        (
            "homeassistant/sensor/n/o/config",
            #"{"stat_t":"tele/x/SENSOR","val_tpl":"{{ value_json.A.Speed }}","unit_of_meas":"m/s","name":"N"}"#
        ),
        ("homeassistant/sensor/n/o/config", ""),
    ]

    /// One registry has seen all messages before; the other only those that announce something.
    @Test(arguments: [0x5A4E_0001, 0x5A4E_0002, 0x5A4E_0003] as [UInt64])
    func warmAndFreshRegistriesAgree(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var warm = DecoderRegistry(zone: .utc)
        var announced = DecoderRegistry(zone: .utc)
        for round in 0..<15_000 {
            if round % 500 == 0, let told = Self.announcements.randomElement(using: &random) {
                _ = Self.answer(of: &warm, to: told.0, Array(told.1.utf8), retained: true)
                _ = Self.answer(of: &announced, to: told.0, Array(told.1.utf8), retained: true)
            }
            let topic = Self.topics.randomElement(using: &random) ?? ""
            let payload = Self.mutate(Self.payloads.randomElement(using: &random) ?? "", &random)
            let retained = Int.random(in: 0..<8, using: &random) == 0
            var fresh = announced
            let expected = Self.answer(of: &fresh, to: topic, payload, retained: retained)
            let answer = Self.answer(of: &warm, to: topic, payload, retained: retained)
            let text = String(decoding: payload, as: UTF8.self)
            #expect(answer == expected, "seed \(seed) round \(round) \(topic) \(text.debugDescription)")
            if answer != expected { return }
        }
    }

    private struct Answer: Equatable {
        var convention: Convention?
        var readings: [Reading]
        var bits: [UInt64]
        var states: [DeviceState]
        var refusal: Refusal?
    }

    private static func answer(
        of registry: inout DecoderRegistry, to topic: String, _ payload: [UInt8], retained: Bool
    ) -> Answer {
        var decoded = DecodedMessage()
        payload.withUnsafeBytes { bytes in
            registry.decode(
                Message(topic: topic, payload: bytes, retained: retained, receivedAt: Household.now), into: &decoded)
        }
        return Answer(
            convention: decoded.convention, readings: decoded.readings,
            bits: decoded.readings.map(\.value.bitPattern), states: decoded.states, refusal: decoded.refusal)
    }

    @Test func theFormOfOneMessageReadsTheNext() {
        var registry = DecoderRegistry(zone: .utc)
        for number in 0..<3 {
            let payload = Array(#"{"temperature":\#(number),"note":"n\#(number)"}"#.utf8)
            let answer = Self.answer(of: &registry, to: "farm/node", payload, retained: false)
            #expect(answer.readings.map(\.value) == [Double(number)])
        }
        #expect(registry.messagesReadByShape == 2)
        // Another device of the family has the form from the start.
        _ = Self.answer(of: &registry, to: "farm/other", Array(#"{"temperature":1,"note":""}"#.utf8), retained: false)
        #expect(registry.messagesReadByShape == 3)
    }

    @Test func keysAndFieldsBeyondTheLimitsAreStillRead() {
        var household = Household()
        for start in stride(from: 0, to: DecoderLimits.rememberedKeys + 1000, by: 100) {
            let members = (start..<start + 100).map { #""key\#($0)":{"x":1,"y":[2]}"# }.joined(separator: ",")
            let sent = household.send("farm/node", "{\(members)}")
            #expect(Set(sent.summary).count == 200)
            #expect(sent.summary.contains("farm/node key\(start + 99)_y_0 2.0 -"))
        }
        // All in one message: more than there is room for, so that some are worked out and forgotten again.
        let members = (0..<4500).map { #""k\#($0)":"a""# }.joined(separator: ",")
        let sent = household.send("farm/node", #"{\#(members),"last":1,"k1":2,"last":3,"odd":{"odd":{"x":4}}}"#)
        #expect(sent.summary == ["farm/node k1 2.0 -", "farm/node last 3.0 -", "farm/node odd_odd_x 4.0 -"])
    }

    @Test func ofAKeyThatComesTwiceTheLastOneCountsThoughObjectsInsideHaveItToo() {
        var household = Household()
        for _ in 0..<3 {
            let sent = household.send("farm/node", #"{"a":1,"b":{"a":2,"b":{"a":3}},"a":4}"#)
            #expect(
                sent.summary == ["farm/node a 4.0 -", "farm/node b_a 2.0 -", "farm/node b_b_a 3.0 -"])
        }
    }
}
