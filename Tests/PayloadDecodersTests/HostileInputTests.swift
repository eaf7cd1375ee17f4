import HostileMessages
import Readings
import Testing

@testable import PayloadDecoders

/// Some ten thousand of the messages of which `tools/fuzz` gives as many as one likes, and those that once did harm.
@Suite("No message crashes the decoders, and what they say stays within its limits")
struct HostileInputTests {
    private func run(seed: UInt64, convention: String? = nil, upTo limit: Int = 2000) -> HostileSession.Report {
        let report = HostileSession.run(seed: seed, convention: convention, upTo: limit)
        let message = report.fault?.message ?? 0
        let replay =
            "tools/fuzz --seed \(seed) --messages \(message + 1) --show"
            + (convention.map { " --convention \($0)" } ?? "")
        #expect(report.fault == nil, "\(report.fault?.text ?? ""); replay: \(replay)")
        return report
    }

    /// The session of the last seed is a long one.
    @Test(arguments: 11...16 as ClosedRange<UInt64>)
    func hostileMessagesAreAnsweredWithinTheLimits(seed: UInt64) {
        #expect(run(seed: seed, upTo: 10_000).readings > 100)
    }

    @Test(arguments: Corpus.conventions)
    func eachConventionIsAttacked(convention: String) {
        // Some sessions go through the intake.
        let reports = (21...23 as ClosedRange<UInt64>).map { run(seed: $0, convention: convention, upTo: 400) }
        let isRead = reports.contains { $0.readings > 0 }
        #expect(isRead || convention == "owntracks")
    }

    @Test func theSameMessagesGetTheSameAnswers() {
        for seed in 31...33 as ClosedRange<UInt64> {
            #expect(run(seed: seed, upTo: 1000).digest == run(seed: seed, upTo: 1000).digest)
        }
    }

    @Test func theUsersMappingsCanBeMeant() {
        #expect(HostileSession.userMappings.mappings.count == 4)
    }

    // MARK: - What the rules find

    @Test func theRulesFindWhatMustNotBe() {
        let message = HostileMessage(topic: "a", payload: [], retained: false, receivedAt: Household.now)
        func fault(_ change: (inout Reading) -> Void) -> String? {
            var answer = DecodedMessage()
            var reading = Reading(
                device: "d", metric: "m", value: 1, unit: nil, time: Household.now, timeIsDevices: false)
            change(&reading)
            answer.readings = [reading]
            return AnswerRules.fault(in: answer, to: message)
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0.value = .infinity } != nil && fault { $0.value = -0.0 } != nil)
        #expect(fault { $0.device = "" } != nil && fault { $0.device = "a\u{202E}" } != nil)
        #expect(fault { $0.device = String(repeating: "a", count: 129) } != nil)
        #expect(fault { $0.field = ReadingField(metric: "a b", unit: nil) } != nil)
        #expect(fault { $0.field = ReadingField(metric: "nhiệt", unit: nil) } == nil)
        #expect(
            fault { $0.field = ReadingField(metric: "m", unit: "\u{0}") } != nil
                && fault { $0.labels = [Label("a", "b\n")] } != nil)
        #expect(fault { $0.time = Timestamp(milliseconds: 0) } != nil)
        #expect(
            fault {
                $0.timeIsDevices = true
                $0.time = $0.time.advanced(byMilliseconds: 86_400_001)
            } != nil)
    }

    // MARK: - What once did harm

    @Test func aTemplateOfAvailabilityMayNameAnObject() {
        var household = Household()
        household.send(
            "homeassistant/sensor/x/config",
            #"{"stat_t":"own/x","avty":[{"t":"own/lwt","val_tpl":"{{ value_json.a }}"}]}"#)
        for payload in [#"{"a":{"b":1,"c":2,"d":3}}"#, #"{"a":[]}"#, #"{"a":null}"#] {
            #expect(household.send("own/lwt", payload).states.isEmpty)
        }
        #expect(household.send("own/lwt", #"{"a":"online"}"#).states.map(\.available) == [true])
    }

    @Test func aValueIsNeverMinusZero() {
        var household = Household()
        household.send("homeassistant/sensor/x/config", #"{"stat_t":"own/x","name":"n","val_tpl":"{{ -value }}"}"#)
        #expect(household.send("own/x", "0").readings.map(\.value.sign) == [.plus])
    }

    @Test func aValueWithoutANameIsNoReading() {
        var household = Household()
        #expect(household.send("$aws/things/t/shadow/update", #"{"state":{"reported":"7"}}"#).readings.isEmpty)
    }

    /// Each takes the square of its size, or more, in time or in memory, where nothing bounds that: minutes, or all that
    /// there is.
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

    @Test func aLongPathCostsItsFieldsNothing() {
        var household = Household()
        let key = String(repeating: "a_", count: 60)
        let fields = (0..<6000).map { "\"\($0)\":1" }.joined(separator: ",")
        let open = String(repeating: "{\"\(key)\":", count: 30)
        let payload = open + "{\(fields)}" + String(repeating: "}", count: 30)
        #expect(household.send("zigbee2mqtt/x", payload).readings.isEmpty)
        // As long as a metric may be.
        let longest = String(repeating: "x", count: 128)
        #expect(household.send("zigbee2mqtt/x", "{\"\(longest)\":1}").readings.map(\.metric) == [longest])
        let half = String(repeating: "x", count: 63)
        #expect(household.send("zigbee2mqtt/x", "{\"\(half)\":{\"\(half)\":1}}").readings.count == 1)
    }

    @Test func aLongNameCostsItsRecordsNothing() {
        var household = Household()
        let name = String(repeating: "ệ", count: 10_000)
        let records = (0..<4000).map { _ in "{\"v\":1}" }.joined(separator: ",")
        let decoded = household.send("a", "[{\"bn\":\"d/\(name)\",\"v\":1},\(records)]")
        #expect(decoded.readings.isEmpty && decoded.refusal?.reason == .invalidName)
    }

    /// Found by the fuzzer: the native convention passes on what it does not understand.
    @Test func discoveryOfANativeTopicGivesItNoOtherName() {
        var household = Household()
        let id = "\u{202E}evil"
        _ = household.send(
            "homeassistant/sensor/x/config",
            "{\"stat_t\":\"d1/status/switch:0\",\"unit_of_meas\":\"mV\",\"name\":\"n\",\"dev\":{\"ids\":[\"\(id)\"]}}")
        let readings = household.send("d1/status/switch:0", "58.636").readings
        #expect(readings.map(\.device) == ["d1"])
    }

    @Test func whatTasmotaPutsInIsBounded() {
        var household = Household()
        let full = String(repeating: "%topic%", count: 200_000)
        let topic = String(repeating: "t", count: 1_000_000)
        let decoded = household.send("tasmota/discovery/A/config", "{\"t\":\"\(topic)\",\"ft\":\"\(full)\"}")
        #expect(decoded.refusal?.reason == .invalidName && decoded.states.isEmpty)
    }

    @Test func aTemplateWithALongNameIsNotRemembered() {
        var household = Household()
        let name = String(repeating: "n", count: 1_000_000)
        let members = (0..<50_000).map { _ in SparkplugMessage.Metric("m", type: 3, .int(1)) }
        let birth = SparkplugMessage(
            timestamp: nil, sequence: 0,
            metrics: [
                .init(name, alias: 1, type: 19, .template(members)), .init("p", alias: 2, type: 3, .int(5)),
                .init(name, alias: 3, type: 3, .int(5)),
            ])
        #expect(household.send("spBv1.0/g/NBIRTH/e", bytes: birth.bytes).summary == ["g/e p 5.0 -"])
        // It is known by its alias, so that nobody asks for another birth.
        let data = household.send("spBv1.0/g/NDATA/e", bytes: SparkplugMessage(.init(alias: 3, .int(6))).bytes)
        #expect(data.readings.isEmpty && data.refusal == nil && data.rebirthWanted == nil)
    }

    @Test func aPropertyWithALongNameHasNoFeatures() {
        var household = Household()
        let name = String(repeating: "n", count: 2_000_000)
        let features = (0..<100_000).map { _ in "{\"property\":\"x\"}" }.joined(separator: ",")
        let exposes = "[{\"property\":\"\(name)\",\"features\":[\(features)]},{\"property\":\"v\",\"unit\":\"mV\"}]"
        household.send(
            "zigbee2mqtt/bridge/devices", "[{\"friendly_name\":\"a\",\"definition\":{\"exposes\":\(exposes)}}]")
        #expect(household.send("zigbee2mqtt/a", "{\"v\":5}").summary == ["a v 0.005 V"])
    }

    @Test func aNodeWithALongNameCostsItsPropertiesNothing() {
        var household = Household()
        let name = String(repeating: "n", count: 2_000_000)
        let properties = (0..<100_000).map { "\"p\($0)\":{\"datatype\":\"float\"}" }.joined(separator: ",")
        let description = "{\"homie\":\"5.0\",\"nodes\":{\"\(name)\":{\"properties\":{\(properties)}}}}"
        #expect(household.send("homie/5/d/$description", description).refusal?.reason == .payloadTooLarge)
        let fewer = "{\"homie\":\"5.0\",\"nodes\":{\"\(name)\":{\"properties\":{\(properties.prefix(1_900_000))}}}}"
        #expect(household.send("homie/5/d/$description", fewer).refusal != nil)
    }

    /// All components of a device share what it says, and what they are called is kept.
    @Test func longTextsOfDiscoveryAreNotKept() {
        var household = Household()
        let long = String(repeating: "n", count: 1_000_000)
        let components = (0..<500).map {
            "\"c\($0)\":{\"p\":\"switch\",\"pl_off\":\"OFF\",\"val_tpl\":\"{{ value_json.v\($0 % 200) }}\"}"
        }
        let config = """
            {"dev":{"ids":["d"],"name":"\(long)"},"name":"\(long)","stat_t":"own/d","pl_on":"\(long)",\
            "cmps":{\(components.prefix(200).joined(separator: ","))}}
            """
        #expect(household.send("homeassistant/device/d/config", config).refusal == nil)
        #expect(household.send("own/d", #"{"v7":"OFF"}"#).summary == ["d v7 0.0 -"])
        // More entities than a message can tell readings of.
        let more = """
            {"dev":{"ids":["d"]},"stat_t":"own/e","cmps":{\(components.joined(separator: ","))}}
            """
        #expect(household.send("homeassistant/device/e/config", more).refusal?.reason == .tooMuchMetadata)
    }

    @Test func aTemplateThatIsTooLongIsRefusedAndNotCut() {
        var household = Household()
        let template = "{{ value" + String(repeating: " ", count: 2000) + "}} and more"
        let config = "{\"stat_t\":\"own/x\",\"name\":\"n\",\"val_tpl\":\"\(template)\"}"
        #expect(household.send("homeassistant/sensor/x/config", config).refusal?.reason == .unknownPayload)
        #expect(household.send("own/x", "1").readings.isEmpty)
    }

    @Test func namesThatNoTopicCanHaveAreNotRemembered() {
        var registry = DecoderRegistry(zone: .utc)
        var decoded = DecodedMessage()
        let type = String(repeating: "t", count: 60_000)
        for model in 0..<3 {
            let payload = "{\"model\":\"m \(model)\",\"type\":\"\(model)\(model == 2 ? "" : type)\",\"id\":1}"
            Array(payload.utf8).withUnsafeBytes {
                registry.decode(
                    Message(topic: "rtl_433/events", payload: $0, retained: false, receivedAt: Household.now),
                    into: &decoded)
            }
        }
        #expect(registry.remembered.first { $0.what == "rtl_433 names" }?.count == 1)
    }

    /// Children of a root were told in an order that another run need not have had.
    @Test func childrenOfALostRootAreToldInOrder() {
        var household = Household()
        let children = (0..<50).map { "c\($0)" }
        for child in children {
            household.send("homie/5/\(child)/$description", #"{"homie":"5.0","root":"r","nodes":{}}"#)
            household.send("homie/5/\(child)/$state", "ready")
        }
        let told = household.send("homie/5/r/$state", "lost").states.map(\.device)
        #expect(told == ["r"] + children.sorted())
    }
}
