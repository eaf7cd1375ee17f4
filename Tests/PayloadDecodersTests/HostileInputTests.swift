import Readings
import TestSupport
import Testing

@testable import PayloadDecoders

@Suite("No message crashes the decoders, and what they say stays within its limits")
struct HostileInputTests {
    private static let topics = [
        "tele/x/SENSOR", "tele/x/STATE", "stat/x/STATUS8", "tele/x/RESULT", "tele/x/LWT", "stat/x/POWER",
        "tasmota/discovery/AA/config", "zigbee2mqtt/a", "zigbee2mqtt/a/voltage", "zigbee2mqtt/bridge/devices",
        "zigbee2mqtt/bridge/state", "zigbee2mqtt/a/availability", "z/bridge/info", "den/sensor/t/state", "den/status",
        "homeassistant/sensor/n/o/config", "homeassistant/device/d/config", "a/b", "v1/gateway/telemetry",
        "v1/devices/me/telemetry", "$aws/things/t/shadow/update", "devices/d/messages/events/", "tuya/d/dps/state",
        "tuya/d/dps/1/state", "rtl_433/pi/events", "rtl_433/pi/devices/M/1/2/temperature_C", "home/gw/BTtoMQTT/AABB",
        "home/gw/RTL_433toMQTT/M/2", "home/gw/SYStoMQTT", "my/own", "my/lwt",
        "shellies/a/info", "shellies/a/relay/0", "shellies/a/b/sensor/temperature",
        "shellies/announce", "shellies/a/status/switch:0", "a/events/rpc", "a/status/em:0", "a/online",
        "homie/5/d/$description", "homie/5/d/n/p", "homie/d/n/p/$unit", "homie/d/n/p/$datatype", "homie/d/n/p",
        "homie/5/d/$state", "homie/d/$name", "x/d/$homie", "x/5/d/$description", "v3/a/devices/d/up",
        "ruuvi/0A:0B:0C:0D:0E:0F/C1:C2:C3:C4:C5:C6", "ruuvi/0A:0B:0C:0D:0E:0F/gw_status",
        "spBv1.0/g/NBIRTH/e", "spBv1.0/g/NDATA/e", "spBv1.0/g/NDEATH/e", "spBv1.0/g/DBIRTH/e/d",
        "spBv1.0/g/DDATA/e/d", "spBv1.0/g/DDEATH/e/d", "STATE/h",
    ]

    private static let payloads = [
        #"{"Time":"2026-11-23T07:59:58","ENERGY":{"Total":1.5,"Power":[1,2,3],"Period":5},"TempUnit":"F","PressureUnit":"mmHg"}"#,
        #"{"StatusSNS":{"Time":"2026-11-23T07:59:58","DS18B20-1":{"Id":"00AB","Temperature":12.3}}}"#,
        #"{"ZbReceived":{"0x3B4C":{"Device":"0x3B4C","Name":"S","Temperature":23.61}},"LwReceived":{"A":{"B":1}}}"#,
        #"{"dn":"T","md":"M","t":"x","ft":"%topic%/%prefix%/","tp":["a","b","c"],"onln":"y","ofln":"n","mac":"AA"}"#,
        #"[{"friendly_name":"a","definition":{"model":"M","exposes":[{"property":"voltage","unit":"mV","features":[{"property":"x","unit":"W"}]}]}}]"#,
        #"{"stat_t":"my/own","val_tpl":"{{ (value_json.a[1] | float(0) / 10) | round(1) }}","avty":[{"t":"my/lwt"},{"t":"~x"}],"~":"~"}"#,
        #"{"stat_t":"my/own","name":"N","pl_on":true,"dev":{"ids":[7]}}"#,
        #"{"time":"@0.1s","model":"A b","type":"TPMS","id":1,"channel":"B","temperature_F":70,"pressure_kPa":[1]}"#,
        #"{"id":"AA:BB","tempc":"19.2","tempf":1,"brand":"X","model_id":"TPMS","pres":2.2}"#,
        #"{"state":"online"}"#, "online", "21.5", "-1e-7", "ON", "nan", "{}", "[]", "null", "\"7\"",
        #"{"stat_t":"~/sensor/t/state","~":"den","unit_of_meas":"V","val_tpl":"{{ value_json['a'].b[0] }}","dev":{"ids":["i"],"cns":[["mac","m"]],"name":"N","sa":"R"}}"#,
        #"{"dev":{"ids":"d"},"cmps":{"a":{"p":"sensor","stat_t":"zigbee2mqtt/a","unit_of_meas":"V"},"b":{"p":"x"}}}"#,
        #"{"voltage":3005,"last_seen":1795420799999,"update":{"state":"idle"},"color":{"x":0.1},"a":[1,[2,{"b":3}]]}"#,
        #"[{"ts":1795420800000,"values":{"t":1}},{"ts":1795420801000,"values":{"t":2}}]"#,
        #"{"Kho \u0041 \ud83c\udf6d":[{"ts":1795420800000,"values":{"t":1}}]}"#,
        #"{"state":{"reported":{"t":1},"desired":{"t":2}},"timestamp":1795420800}"#,
        #"{"id":"a","model":"M","motion":false,"timestamp":1795420700,"thermostats":[{"tmp":{"value":7,"units":"F"}}]}"#,
        #"{"src":"m-0a1b2c3d4e5f","method":"NotifyFullStatus","params":{"ts":1795420795.25,"switch:0":{"aenergy":{"total":5}},"sys":{"uptime":1}}}"#,
        #"{"homie":"5.0","name":"N","root":"r","nodes":{"n":{"properties":{"p":{"datatype":"float","unit":"°F"}}}}}"#,
        #"{"received_at":"2026-11-23T07:59:58.123456789Z","uplink_message":{"decoded_payload":{"t":1},"rx_metadata":[{"rssi":-9,"snr":1}],"version_ids":{"model_id":"m"}}}"#,
        #"{"rssi":-71,"ts":"1795420789","data":"0201061BFF990405F63C3EE4BE7D0000FFFF03E8709807012CC1C2C3C4C5C6"}"#,
        "float", "°C", "ready", "lost", "4.0.0", "true",
        #"{"nhiệt độ":28.5,"@timestamp":"2026-11-23 15:00:00.123456789+0700","độ ẩm":"60"}"#,
        #"[{"bn":"urn:d:","bt":1795420000,"bu":"Cel","bv":1,"bver":10,"n":"a","v":2.5},{"n":"b/c","u":"%RH","t":-5,"vb":true,"s":3}]"#,
        #"tank,site=a\ b,device=d\,1 level=3i,full=t,name="x \" y",rate=-1.5e3 1795420800000000000"#,
        "# remark\na x=1u\nb,c=d,e=f y=2 1795420800\r\n\nbad line\n",
    ]

    private static let binaryPayloads: [[UInt8]] = {
        let members = [
            SparkplugMessage.Metric("m", type: 2, .int(5)), SparkplugMessage.Metric("n", type: 10, .double(1.5)),
        ]
        let birth = SparkplugMessage(
            timestamp: 1_795_420_800_000, sequence: 0, .init("bdSeq", type: 8, .long(1)),
            .init("Power/L1", alias: 1, at: 1_795_420_799_000, type: 3, .int(0xFFFF_FFFF)),
            .init("T", alias: 2, type: 19, .template(members)), .init("F", alias: 3, type: 9, .float(2)))
        let data = SparkplugMessage(
            timestamp: 1_795_420_800_000, sequence: 1, .init(alias: 1, .int(0x8000)), .init(alias: 3, .float(1)),
            .init("T", .template(members)), .init("x", type: 11, .flag(true)), .init(alias: 9, type: 4, .long(7)))
        // [{-2: "d/", -3: 1795420000, 0: "x", 2: 4([-2, 27315])}, {_ "n": (_ "a" "b"), 2: 1.5_1, 6: -5}]
        let pack: [UInt8] =
            [0x82, 0xA4, 0x21, 0x62, 0x64, 0x2F, 0x22, 0x1A, 0x6B, 0x03, 0xEF, 0x60, 0x00, 0x61, 0x78, 0x02, 0xC4]
            + [0x82, 0x21, 0x19, 0x6A, 0xB3, 0xBF, 0x61, 0x6E, 0x7F, 0x61, 0x61, 0x61, 0x62, 0xFF, 0x02, 0xF9, 0x3E]
            + [0x00, 0x06, 0x24, 0xFF]
        return [birth.bytes, data.bytes, pack]
    }()

    private static let pieces: [[UInt8]] = [
        Array("{".utf8), Array("}".utf8), Array("[".utf8), Array("]".utf8), Array("\"".utf8), Array(":".utf8),
        Array(",".utf8), Array("\\u".utf8), Array("\\ud800".utf8), Array("1e400".utf8), Array("-0".utf8),
        Array("null".utf8),
        Array("{\"a\":1}".utf8), Array("[[[[[[[[".utf8), [0xFF], [0xC3], [0xE2, 0x80, 0xAE], [0x00], [0x1B],
        Array("9223372036854775808".utf8), Array("1e19".utf8), Array("0.00000000000000000001".utf8),
        Array("ZbReceived".utf8),
        Array("values".utf8), Array("ts".utf8), Array("\u{301}".utf8), Array("/".utf8), Array("~".utf8),
        Array("%topic%".utf8), Array("FF9904".utf8), Array("switch:".utf8), Array("$".utf8), Array("nodes".utf8),
        Array("\n".utf8), Array("=".utf8), Array("\\ ".utf8), [0x81], [0x9F], [0xBF], [0xC4], [0x7F], [0x12, 0x02],
        Array(repeating: 0xFF, count: 9), Array(repeating: 0x81, count: 40), Array(repeating: 0xC2, count: 40),
    ]

    private static let topicPieces = [
        "/", "//", "set", "bridge", "state", "devices", "tele", "SENSOR", "config", "homeassistant", "zigbee2mqtt",
        "\u{301}",
        "\u{202E}", "\u{0}", "$aws", "$", "+", "#", "đ", "🌡️", "sensor", "POWER", "status", "e\u{301}", " ",
        "shellies", "homie", "5", "$state", "$homie", "$unit", "switch:0", ":", "online", "v3", "up", "_",
    ]

    private static func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...8, using: &random)))
            case 3: bytes.removeSubrange(at...)
            case 4:
                let from = Int.random(in: 0...bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[min(from, at)..<max(from, at)], at: at)
            default: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
            }
        }
        return bytes
    }

    private static func mutate(_ topic: String, _ random: inout SeededGenerator) -> String {
        guard Int.random(in: 0..<4, using: &random) == 0 else { return topic }
        var levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let piece = topicPieces.randomElement(using: &random) ?? ""
            let at = Int.random(in: 0...levels.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: levels.insert(piece, at: at)
            case 1 where at < levels.count: levels[at] += piece
            default: if at < levels.count { levels.remove(at: at) }
            }
        }
        return levels.joined(separator: "/")
    }

    @Test(arguments: [0x5EED_0001, 0x5EED_0002, 0x5EED_0003] as [UInt64])
    func mutatedMessagesAreAnsweredWithinTheLimits(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mappings = try MappingSet([
            Mapping(topic: "+/{metric}"), Mapping(topic: "v1/{a}/{b}/#", metric: "{b}", labels: ["a": "{a}"]),
            Mapping(
                topic: "z/#", values: [.init(), .init("a[1][0]"), .init("voltage", unit: "mV", scale: 2)],
                time: .init("last_seen", format: "ms")),
        ])
        // Half of the seeds with a user's mappings before the conventions.
        var registry = DecoderRegistry(zone: .utc, mappings: seed & 1 == 0 ? mappings : .none)
        var decoded = DecodedMessage()
        let corpus = Self.payloads.map { Array($0.utf8) } + Self.binaryPayloads
        for round in 0..<100_000 {
            let topic = Self.mutate(Self.topics.randomElement(using: &random) ?? "", &random)
            let original = corpus.randomElement(using: &random) ?? []
            let payload = Self.mutate(original, &random)
            let retained = Bool.random(using: &random)
            payload.withUnsafeBytes { bytes in
                registry.decode(
                    Message(topic: topic, payload: bytes, retained: retained, receivedAt: Household.now), into: &decoded
                )
            }
            let fault = Self.fault(in: decoded, retained: retained)
            #expect(fault == nil, "seed \(seed) round \(round) topic \(topic.debugDescription): \(fault ?? "")")
            if fault != nil { return }
        }
    }

    /// What an answer may never be, whatever the message was.
    private static func fault(in decoded: DecodedMessage, retained: Bool) -> String? {
        if decoded.refusal != nil, !decoded.readings.isEmpty { return "refused, and readings" }
        if decoded.readings.count > DecoderLimits.readingsPerMessage { return "too many readings" }
        let latest = Household.now.advanced(byMilliseconds: 86_400_000)
        for reading in decoded.readings {
            if !reading.value.isFinite { return "not finite: \(reading)" }
            if reading.value == 0, reading.value.sign == .minus { return "minus zero: \(reading)" }
            if let fault = SafeName.fault(in: reading.device) { return "device: \(fault)" }
            if let fault = SafeName.fault(in: reading.metric) { return "metric: \(fault)" }
            if let unit = reading.unit, unit.isEmpty || unit.utf8.count > DecoderLimits.unitBytes {
                return "unit: \(reading)"
            }
            if reading.time > latest || reading.time.milliseconds < 946_684_800_000 { return "time: \(reading)" }
            if retained, !reading.timeIsDevices { return "retained, without a time of its own: \(reading)" }
            for text in reading.labels.flatMap({ [$0.name, $0.value] }) {
                if let fault = SafeName.fault(in: text) { return "label: \(fault)" }
            }
            let isName = reading.metric.unicodeScalars.allSatisfy {
                $0 == "_" || $0.properties.isAlphabetic || $0.properties.generalCategory == .decimalNumber
            }
            if !isName { return "no metric name: \(reading)" }
        }
        for state in decoded.states {
            for text in [state.device, state.name, state.model, state.manufacturer, state.room].compactMap(\.self) {
                if let fault = SafeName.fault(in: text) { return "state: \(fault) in \(state)" }
            }
        }
        return nil
    }

    /// Most mutations break a binary form at once, so those have rounds of their own, on their own topics.
    @Test(arguments: [0xB1A2_0001, 0xB1A2_0002] as [UInt64])
    func mutatedBinaryMessagesAreAnsweredWithinTheLimits(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var household = Household()
        let topics = Self.topics.filter { $0.hasPrefix("spBv1.0/") } + ["a/b"]
        for round in 0..<100_000 {
            let payload = Self.mutate(Self.binaryPayloads.randomElement(using: &random) ?? [], &random)
            let topic = topics.randomElement(using: &random) ?? ""
            let fault = Self.fault(in: household.send(topic, bytes: payload), retained: false)
            #expect(fault == nil, "seed \(seed) round \(round) topic \(topic) \(payload): \(fault ?? "")")
            if fault != nil { return }
        }
    }

    /// Work that grows with the square of a message would show as seconds here, not as a failure; the limits that
    /// prevent it do show.
    @Test func messagesMadeToBeSlowAreAnswered() {
        var household = Household()
        let keys = (0..<4000).map { "\"k\($0)\":{\"x\":1}" }.joined(separator: ",")
        #expect(household.send("tele/x/SENSOR", "{\"ZbReceived\":{\(keys)}}").refusal?.reason == .tooManyReadings)
        #expect(household.send("v1/gateway/telemetry", "{\(keys)}").refusal?.reason == .tooManyReadings)
        #expect(household.send("homeassistant/device/x/config", "{\(keys)}").refusal?.reason == .notJSON)
        let nested = String(repeating: "(", count: 400) + "value" + String(repeating: ")", count: 100)
        for template in [nested, String(repeating: "-", count: 500), "value" + String(repeating: "|float", count: 80)] {
            let config = #"{"stat_t":"deep","val_tpl":"{{ \#(template) }}"}"#
            #expect(household.send("homeassistant/sensor/deep/config", config).refusal != nil)
            #expect(household.send("deep", "1").readings.isEmpty)
        }
        let digits = String(repeating: "9", count: 60_000)
        #expect(household.send("a", "{\"x\":\(digits)}").readings.isEmpty)
        #expect(household.send("a", "{\"x\":0.\(digits)}").readings.map(\.value) == [1])
        let quotes = String(repeating: "a b=\"\\\"\n", count: 7000)
        #expect(household.send("a", quotes).readings.isEmpty)
        let commas = "m" + String(repeating: ",", count: 60_000)
        #expect(household.send("a", commas).refusal?.reason == .unknownPayload)
        let pairs = "m " + String(repeating: "a=1,", count: 15_000) + "a=1"
        #expect(household.send("a", pairs).readings.count == 1)
        let escaped = (0..<2000).map { "\"\\u0061\($0)\":[]" }.joined(separator: ",")
        #expect(household.send("a", "{\(escaped)}").refusal == nil)
    }

    @Test func bytesWithoutAnySenseAreAnswered() {
        var random = SeededGenerator(seed: 0x0B17_E5)
        var household = Household()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let topic = Self.topics.randomElement(using: &random) ?? ""
            let fault = Self.fault(in: household.send(topic, bytes: bytes), retained: false)
            #expect(fault == nil, "\(topic) \(bytes): \(fault ?? "")")
        }
    }
}
