import Readings
import Testing

@testable import PayloadDecoders

@Suite("Homie's attributes and descriptions decide what its values are")
struct HomieTests {
    @Test(arguments: [
        ("float", "°F", "50", "10.0 Cel"), ("integer", "%", "-7", "-7.0 %"), ("float", "kW", "1.5", "1500.0 W"),
        ("float", "#", "3", "3.0 1"), ("float", "m³", "2.5", "2.5 m³"), ("percent", "", "40", "40.0 %"),
        ("boolean", "", "true", "1.0 -"), ("boolean", "", "false", "0.0 -"), ("", "lx", "7", "7.0 lx"),
    ])
    func attributesInTopics(datatype: String, unit: String, payload: String, expected: String) {
        var household = Household()
        household.send("homie/pump-1/tank-a/level/$unit", unit, retained: true)
        household.send("homie/pump-1/tank-a/level/$datatype", datatype, retained: true)
        household.send("homie/pump-1/tank-a/level/$format", "0:100", retained: true)
        let decoded = household.send("homie/pump-1/tank-a/level", payload)
        #expect(decoded.summary == ["pump-1 tank_a_level " + expected])
        #expect(decoded.convention == .homie)
        #expect(household.send("homie/pump-1/tank-a/level", payload, retained: true).readings.isEmpty)
    }

    @Test(arguments: [
        ("string", "21.5"), ("enum", "off"), ("enum", "3"), ("color", "10,20,30"), ("datetime", "2026"),
        ("duration", "PT5M"), ("json", "[1,2]"), ("json", #"{"a":1"#), ("float", "NaN"), ("float", "on"),
        ("integer", "-"),
        ("float", "1e400"), ("boolean", "maybe"), ("", "heat"), ("string", "\u{0}"), ("string", "[21"),
    ])
    func valuesThatAreNoReadings(datatype: String, payload: String) {
        var household = Household()
        household.send("homie/a/b/c/$datatype", datatype)
        let decoded = household.send("homie/a/b/c", payload)
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    private static let description = """
        {"homie":"5.0","version":3,"name":"Bếp","nodes":{"air":{"name":"Air","properties":{"t":{"datatype":"float",\
        "unit":"K"},"on":{"datatype":"boolean","format":"shut,open"},"mode":{"datatype":"enum","format":"off,on"}}}}}
        """

    @Test func version5DescribesInOneDocument() {
        var household = Household()
        let told = household.send("homie/5/stove/$description", Self.description, retained: true)
        #expect(told.states == [DeviceState(device: "stove", name: "Bếp")])
        #expect(household.send("homie/5/stove/air/t", "300.15").summary == ["stove air_t 27.0 Cel"])
        #expect(household.send("homie/5/stove/air/on", "true").summary == ["stove air_on 1.0 -"])
        #expect(household.send("homie/5/stove/air/mode", "off").summary == [])
        // What a new description no longer says is forgotten.
        household.send("homie/5/stove/$description", #"{"homie":"5.0","version":4,"nodes":{}}"#)
        #expect(household.send("homie/5/stove/air/t", "300").summary == ["stove air_t 300.0 -"])
    }

    @Test(arguments: [
        ("ready", true), ("init", true), ("sleeping", true), ("alert", true), ("disconnected", false), ("lost", false),
    ])
    func statesAreAvailability(state: String, available: Bool) {
        for topic in ["homie/a/$state", "homie/5/a/$state"] {
            var household = Household()
            let decoded = household.send(topic, state, retained: true)
            #expect(decoded.states == [DeviceState(device: "a", available: available)])
        }
        var household = Household()
        #expect(
            household.send("homie/a/$online", "\(available)").states == [DeviceState(device: "a", available: available)]
        )
        #expect(household.send("homie/a/$state", "unheard-of").states.isEmpty)
    }

    @Test func aLostRootTakesItsChildrenWithIt() {
        var household = Household()
        household.send("homie/5/bulb/$description", #"{"homie":"5.0","root":"bridge"}"#)
        household.send("homie/5/bulb/$state", "ready")
        household.send("homie/5/late/$state", "ready")
        func told(_ decoded: DecodedMessage) -> [String] {
            decoded.states.map { "\($0.device) \($0.available ?? true)" }.sorted()
        }
        #expect(told(household.send("homie/5/bridge/$state", "lost")) == ["bridge false", "bulb false"])
        #expect(told(household.send("homie/5/bulb/$state", "ready")) == ["bulb false"])
        let described = household.send("homie/5/late/$description", #"{"homie":"5.0","root":"bridge"}"#)
        #expect(described.states.last == DeviceState(device: "late", available: false))
        #expect(told(household.send("homie/5/bridge/$state", "ready")) == ["bridge true", "bulb true", "late true"])
        #expect(told(household.send("homie/5/bridge/$state", "disconnected")) == ["bridge false"])
    }

    @Test func elementsOfAnArrayAreDescribedTogether() {
        var household = Household()
        household.send("homie/car/seats/heat/$unit", "W")
        household.send("homie/car/seats/heat/$datatype", "integer")
        #expect(household.send("homie/car/seats_1/heat", "50").summary == ["car seats_1_heat 50.0 W"])
        household.send("homie/car/seats_2/heat/$unit", "%")
        #expect(household.send("homie/car/seats_2/heat", "50").summary == ["car seats_2_heat 50.0 %"])
    }

    @Test func statisticsAreTheOnlyAttributesThatAreReadings() {
        var household = Household()
        #expect(household.send("homie/a/$stats/supply", "3.3").summary == ["a stats_supply 3.3 V"])
        #expect(household.send("homie/a/$stats/freeheap", "5000").summary == ["a stats_freeheap 5000.0 By"])
        let silent = [
            "$stats/interval", "$stats", "$fw/version", "$localip", "$implementation/config", "n/$name", "n/p/$name",
            "n/p/$settable", "n/p/$target", "n/p/set", "n/p/deeper/still", "$log/warn", "$alert/battery", "n",
        ]
        for topic in silent {
            for root in ["homie/a/", "homie/5/a/"] {
                let decoded = household.send(root + topic, "1")
                #expect(decoded.readings.isEmpty && decoded.refusal == nil && decoded.states.isEmpty)
            }
        }
        #expect(household.send("homie/$broadcast/alert", "1").readings.isEmpty)
        #expect(household.send("homie/5/$broadcast/alert/x", "1").readings.isEmpty)
    }

    @Test func namesMayLookLikeAnything() {
        var household = Household()
        #expect(
            household.send("homie/a/$name", "[Attic] {lamp").states == [DeviceState(device: "a", name: "[Attic] {lamp")]
        )
        #expect(household.send("homie/a/$name", "Cafe\u{301}").states == [DeviceState(device: "a", name: "Café")])
        #expect(household.send("homie/a/$name", bytes: [0xFF]).refusal?.reason == .invalidUTF8)
    }

    @Test func otherRootsGiveThemselvesAway() {
        var household = Household()
        #expect(household.send("sensors/esp/room/t", "5").convention == .generic)
        household.send("sensors/esp/$homie", "4.0.0", retained: true)
        #expect(household.send("sensors/esp/room/t", "5").summary == ["sensors/esp room_t 5.0 -"])
        household.send("acme/5/stove/$description", Self.description, retained: true)
        #expect(household.send("acme/5/stove/air/t", "300.15").summary == ["acme/stove air_t 27.0 Cel"])
        // No description of Homie's.
        #expect(household.send("b/5/x/$description", #"{"t":1}"#).convention == .generic)
    }

    @Test func whatIsRememberedIsBounded() {
        var household = Household()
        for number in 0..<DecoderLimits.homieDevices {
            #expect(household.send("homie/d\(number)/n/p/$datatype", "string").refusal == nil)
        }
        #expect(household.send("homie/more/n/p/$datatype", "string").refusal?.reason == .tooMuchMetadata)
        for number in 0..<DecoderLimits.homieProperties {
            household.send("homie/d0/n/p\(number)/$unit", "W")
        }
        #expect(household.send("homie/d0/n/another/$unit", "W").refusal?.reason == .tooMuchMetadata)
        #expect(household.send("homie/d1/n/p/$datatype", "float").refusal == nil)
        for number in 0..<DecoderLimits.homieRoots {
            #expect(household.send("r\(number)/d/$homie", "4.0").refusal == nil)
        }
        #expect(household.send("one-more/d/$homie", "4.0").refusal?.reason == .tooMuchMetadata)
    }
}
