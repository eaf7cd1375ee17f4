import Readings
import Testing

@testable import PayloadDecoders

@Suite("Where people are is not stored")
struct OwnTracksTests {
    @Test(arguments: ["owntracks/an/phone", "owntracks/an/phone/event", "owntracks/an/phone/dump"])
    func itsTopicsAreLeftAlone(topic: String) {
        var household = Household()
        for payload in [#"{"_type":"location","lat":1.5,"lon":2.5}"#, #"{"_type":"configuration","password":"#, "1"] {
            let decoded = household.send(topic, payload)
            #expect(decoded.readings.isEmpty && decoded.states.isEmpty && decoded.refusal == nil)
        }
    }

    @Test func itsMessagesAreLeftAloneOnAnyTopic() {
        var household = Household()
        #expect(household.send("family/an", #"{"tid":"an","lat":1.5,"_type":"location"}"#).readings.isEmpty)
        #expect(household.send("family/an", #"{"_type":"status","level":1.5}"#).summary == ["family/an level 1.5 -"])
        #expect(household.send("family/an", #"{"_type":"pump","lat":1.5}"#).summary == ["family/an lat 1.5 -"])
    }
}
